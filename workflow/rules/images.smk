COLUMNS = CONFIG.data.columns
READING = as_json(CONFIG.data.reading)


COLUMN_FLAGS = lambda wildcards: flags(
    image_column=COLUMNS.image,
    label_column=COLUMNS.concentration,
    sample_column=COLUMNS.sample,
    group_column=COLUMNS.group,
    split_column=COLUMNS.split,
) + (["--roi-columns", *COLUMNS.roi] if COLUMNS.roi else [])


rule survey:
    input:
        photos=PHOTOS,
        table=TABLE,
    output:
        table="<results>/ingest/findings/{shard}.csv",
        signatures="<results>/ingest/findings/{shard}.npy",
    log:
        "<results>/logs/survey/{shard}.log",
    wildcard_constraints:
        shard=r"\d+",
    conda:
        "../../envs/images.yaml"
    threads: CONFIG.workers
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        size=CONFIG.shard_size,
        columns=COLUMN_FLAGS,
        options=READING,
        code=code("survey"),
    message:
        "Reading the photographs of shard {wildcards.shard}"
    shell:
        "python -m assay.survey --photos {input.photos:q} --table {input.table:q}"
        " --out {output.table:q} --shard {wildcards.shard} --shard-size {params.size}"
        " {params.columns:q} --options {params.options:q} --workers {threads} --log {log:q}"


rule ingest:
    input:
        photos=PHOTOS,
        table=TABLE,
        findings=expand("<results>/ingest/findings/{shard}.csv", shard=SHARDS),
        signatures=expand("<results>/ingest/findings/{shard}.npy", shard=SHARDS),
    output:
        table="<results>/ingest/photos.csv",
        summary="<results>/ingest/summary.json",
        warnings="<results>/ingest/warnings.csv",
    log:
        "<results>/logs/ingest.log",
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        columns=COLUMN_FLAGS,
        low=CONFIG.range[0],
        high=CONFIG.range[1],
        folds=CONFIG.split.folds,
        options=READING,
        labels=flags(censored=CONFIG.data.censored)
        + (["--allow-constant"] if CONFIG.data.allow_constant else []),
        # not an output: it must stay when the step refuses the data
        faults=f"{CONFIG.results}/ingest/faults.csv",
        code=code("ingest"),
    message:
        "Checking every photograph and every label"
    shell:
        "python -m assay.ingest --photos {input.photos:q} --table {input.table:q}"
        " --findings {input.findings:q} --out {output.table:q} --summary {output.summary:q}"
        " --warnings {output.warnings:q} --faults {params.faults:q} --low {params.low}"
        " --high {params.high} {params.columns:q} {params.labels:q} --options {params.options:q}"
        " --folds {params.folds} --log {log:q}"


rule resize:
    input:
        photos=PHOTOS,
        table="<results>/ingest/photos.csv",
    output:
        images="<results>/arrays/{size}/shard{shard}.npy",
    log:
        "<results>/logs/resize/{size}-{shard}.log",
    conda:
        "../../envs/images.yaml"
    threads: CONFIG.workers
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        aspect=CONFIG.aspect,
        options=READING,
        part=part_of_all,
        code=code("resize"),
    message:
        "Resizing photographs to {wildcards.size} px, shard {wildcards.shard}"
    shell:
        "python -m assay.resize --photos {input.photos:q} --table {input.table:q}"
        " --out {output.images:q} --size {wildcards.size} --aspect {params.aspect}"
        " --options {params.options:q} {params.part:q} --workers {threads} --log {log:q}"


rule split:
    input:
        table="<results>/ingest/photos.csv",
    output:
        table="<results>/split/split.csv",
    log:
        "<results>/logs/split.log",
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        test=CONFIG.split.test,
        folds=CONFIG.split.folds,
        block=CONFIG.split.block,
        seed=CONFIG.split.seed,
        code=code("split"),
    message:
        "Dealing samples to the test set and {params.folds} folds"
    shell:
        "python -m assay.split --table {input.table:q} --out {output.table:q} --test {params.test}"
        " --folds {params.folds} --block {params.block} --seed {params.seed} --log {log:q}"


rule augment:
    input:
        images=f"<results>/arrays/{CONFIG.full_size}/shard{{shard}}.npy",
        split="<results>/split/split.csv",
    output:
        images="<results>/augment/{preset}/{size}/shard{shard}.npy",
        copies="<results>/augment/{preset}/{size}/shard{shard}.csv",
    log:
        "<results>/logs/augment/{preset}-{size}-{shard}.log",
    priority: 2  # so that trainings of copies can begin in their turn
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        preset=lambda wildcards: as_json(CONFIG.augmentation(wildcards.preset)),
        seed=CONFIG.seed,
        part=part_of_all,
        code=code("augment"),
    message:
        "Making the copies of {wildcards.preset} at {wildcards.size} px, shard {wildcards.shard}"
    shell:
        "python -m assay.augment --images {input.images:q} --split {input.split:q}"
        " --preset {params.preset:q} --size {wildcards.size} --out {output.images:q}"
        " --copies {output.copies:q} --seed {params.seed} {params.part:q} --log {log:q}"
