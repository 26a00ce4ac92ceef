# How far do results carry: to more samples, to new sessions, phones and lots?


rule sample_size:
    input:
        unpack(pictures),
        predictions=of_folds("predictions.csv"),
    output:
        table="<results>/sample_size/{experiment}/points.csv",
    log:
        "<results>/logs/sample_size/{experiment}.log",
    conda:
        "../../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        mem_mb=memory,
        runtime=lambda wildcards, input, attempt: len(FOLDS) * minutes(wildcards, input, attempt),
        gpu=on_gpu,
    params:
        experiment=lambda wildcards: as_json(CONFIG.experiment(wildcards.experiment)),
        range=CONFIG.range,
        copies=augmented,
        shares=CONFIG.sample_size.shares,
        options=flags(scale=CONFIG.scale, seed=CONFIG.split.seed, threads=CONFIG.threads),
        code=lambda wildcards: code("sample_size", f"models.{architecture(wildcards)}"),
    message:
        "Training {wildcards.experiment} on growing shares of the samples"
    shell:
        "python -m assay.sample_size --images {input.images:q} --split {input.split:q}"
        " --experiment {params.experiment:q} --predictions {input.predictions:q}"
        " --shares {params.shares} --low {params.range[0]} --high {params.range[1]}"
        " --out {output.table:q} {params.copies:q} {params.options:q}"
        " --device $([ {resources.gpu} -gt 0 ] && echo cuda || echo cpu) --log {log:q}"


rule forecast:
    input:
        points=expand(
            f"{CONFIG.results}/sample_size/{{experiment}}/points.csv",
            experiment=CONFIG.sample_size.experiments,
        ),
        split="<results>/split/split.csv",
    output:
        out="<results>/sample_size/sample_size.csv",
        table="<results>/sample_size/forecast.csv",
        png="<results>/figures/sample_size.png",
        svg=picture("sample_size", NEW, figure="more samples"),
    log:
        "<results>/logs/forecast.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        quantity=QUANTITY,
        seed=CONFIG.split.seed,
        code=code("forecast"),
    message:
        "Forecasting what more samples would bring"
    shell:
        "python -m assay.forecast --points {input.points:q} --split {input.split:q}"
        " --quantity {params.quantity:q} --seed {params.seed} --out {output.out:q}"
        " --table {output.table:q} --figure {output.png:q} {output.svg:q} --log {log:q}"


rule transfer:
    input:
        unpack(pictures),
        photos="<results>/ingest/photos.csv",
        predictions=of_folds("predictions.csv"),
    output:
        table="<results>/transfer/{experiment}/groups.csv",
        matrix="<results>/transfer/{experiment}/pairs.csv",
    log:
        "<results>/logs/transfer/{experiment}.log",
    conda:
        "../../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        mem_mb=memory,
        runtime=lambda wildcards, input, attempt: (
            CONFIG.transfer.most_groups * minutes(wildcards, input, attempt)
        ),
        gpu=on_gpu,
    params:
        experiment=lambda wildcards: as_json(CONFIG.experiment(wildcards.experiment)),
        range=CONFIG.range,
        copies=augmented,
        alone=alone,
        options=flags(
            standards=CONFIG.transfer.standards,
            most_groups=CONFIG.transfer.most_groups,
            scale=CONFIG.scale,
            seed=CONFIG.split.seed,
            threads=CONFIG.threads,
        ),
        code=lambda wildcards: code("transfer", f"models.{architecture(wildcards)}"),
    message:
        "Training {wildcards.experiment} without each session, phone or lot"
    shell:
        "python -m assay.transfer --images {input.images:q} --split {input.split:q}"
        " --photos {input.photos:q} --experiment {params.experiment:q}"
        " --predictions {input.predictions:q} --low {params.range[0]} --high {params.range[1]}"
        " --out {output.table:q} --matrix {output.matrix:q} {params.copies:q} {params.options:q}"
        " {params.alone} --device $([ {resources.gpu} -gt 0 ] && echo cuda || echo cpu) --log {log:q}"


rule plot_transfer:
    input:
        groups=expand(
            f"{CONFIG.results}/transfer/{{experiment}}/groups.csv",
            experiment=CONFIG.transfer.experiments,
        ),
        pairs=expand(
            f"{CONFIG.results}/transfer/{{experiment}}/pairs.csv",
            experiment=CONFIG.transfer.experiments,
        ),
        split="<results>/split/split.csv",
    output:
        [f"{CONFIG.results}/figures/{name}.png" for name in GENERALISED if name != "sample_size"],
        transfer_pictures("transfer", "new groups"),
        transfer_pictures("matrix", "from group to group"),
        table="<results>/transfer/transfer.csv",
        matrix="<results>/transfer/matrix.csv",
    log:
        "<results>/logs/plot_transfer.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        quantity=QUANTITY,
        seed=CONFIG.split.seed,
        folder=lambda wildcards, output: Path(output[0]).parents[1].as_posix(),
        code=code("plot_transfer"),
    message:
        "Drawing how experiments fare on new groups"
    shell:
        "python -m assay.plot_transfer --groups {input.groups:q} --pairs {input.pairs:q}"
        " --split {input.split:q} --quantity {params.quantity:q} --seed {params.seed}"
        " --table {output.table:q} --matrix {output.matrix:q} --out {params.folder:q} --log {log:q}"
