METHOD = [f"{CONFIG.results}/method/{name}" for name in ("method.json", "README.md")]


rule export:
    input:
        split="<results>/split/split.csv",
        table="<results>/ingest/photos.csv",
        summary="<results>/ingest/summary.json",
        photos=PHOTOS,
        predictions="<results>/cross_validate/predictions.csv",
        scores="<results>/evaluate/scores.json",
        models=of_all("model.safetensors"),
        descriptions=of_all("model.json"),
    output:
        METHOD,
    log:
        "<results>/logs/export.log",
    conda:
        "../../envs/export.yaml"
    threads: CONFIG.workers
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        folder=lambda wildcards, output: Path(output[0]).parent.as_posix(),
        quantity=QUANTITY,
        aspect=CONFIG.aspect,
        block=CONFIG.split.block,
        origin="--simulated" if CONFIG.data.simulate else "--no-simulated",
        code=code("export"),
    message:
        "Handing over the best experiment as a method"
    shell:
        "python -m assay.export --split {input.split:q} --table {input.table:q}"
        " --summary {input.summary:q} --photos {input.photos:q}"
        " --predictions {input.predictions:q} --scores {input.scores:q}"
        " --fold-files {input.models:q} --quantity {params.quantity:q}"
        " --aspect {params.aspect} --block {params.block} {params.origin} --threads {threads}"
        " --out {params.folder:q} --log {log:q}"


wildcard_constraints:
    batch=r"[A-Za-z0-9 _-]+",


# Photographs in the folder new/NAME: snakemake --cores all results/predict/NAME/predictions.csv
rule predict:
    input:
        method=METHOD,
        photos="new/{batch}",
    output:
        table="<results>/predict/{batch}/predictions.csv",
        samples="<results>/predict/{batch}/samples.csv",
        page="<results>/predict/{batch}/predictions.html",
    log:
        "<results>/logs/predict/{batch}.log",
    conda:
        "../../envs/predict.yaml"
    threads: CONFIG.workers
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        folder=lambda wildcards, input: Path(input.method[0]).parent.as_posix(),
        code=code("predict"),
    message:
        "Predicting the photographs in new/{wildcards.batch}"
    shell:
        "python -m assay.predict {params.folder:q} {input.photos:q} --out {output.table:q}"
        " --samples {output.samples:q} --page-out {output.page:q} --threads {threads} --log {log:q}"


# Standards: their photographs in new/NAME, their values in new/NAME.csv
rule recalibrate:
    input:
        method=METHOD,
        photos="new/{batch}",
        table="new/{batch}.csv",
    output:
        "<results>/recalibrate/{batch}/method.json",
    log:
        "<results>/logs/recalibrate/{batch}.log",
    conda:
        "../../envs/predict.yaml"
    threads: CONFIG.workers
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        method=lambda wildcards, input: Path(input.method[0]).parent.as_posix(),
        folder=lambda wildcards, output: Path(output[0]).parent.as_posix(),
        code=code("recalibrate"),
    message:
        "Setting the method right by the standards in new/{wildcards.batch}"
    shell:
        "python -m assay.recalibrate {params.method:q} {input.photos:q} --table {input.table:q}"
        " --threads {threads} --out {params.folder:q} --log {log:q}"
