# What the report stands on: all of it is in the record, by its SHA-256.
ARTEFACTS = [
    *expand("<results>/ingest/{name}", name=["photos.csv", "summary.json", "warnings.csv"]),
    "<results>/split/split.csv",
    *arrays(*SIZES),
    *(
        file
        for preset, size in sorted({(e.augmentation, e.size) for e in NETWORKS})
        if preset != "none"
        for suffix in ("npy", "csv")
        for file in in_shards(f"{CONFIG.results}/augment/{preset}/{size}", suffix)
    ),
    *of_all("model.safetensors"),
    *of_all("model.json"),
    *of_all("history.csv"),
    *of_all("predictions.csv"),
    "<results>/cross_validate/predictions.csv",
    *expand("<results>/evaluate/{name}", name=["predictions.csv", "scores.json"]),
    *TABLES.values(),
    *RANDOM_SPLIT,
    *SAMPLE_SIZE,
    *TRANSFER,
    *VALIDATED,
    "<results>/validation/summary.json",
]


rule record:
    input:
        photos=PHOTOS,
        table=TABLE,
        listing="<results>/ingest/photos.csv",
        speeds=of_all("speed.json"),
        artefacts=ARTEFACTS,
    output:
        "<results>/run.json",
    log:
        "<results>/logs/record.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        files=named,
        settings=verbatim(CONFIG.model_dump_json()),
        run=lambda wildcards: ["--command", command(), "--packages", *SHOWN],
        code=code("record"),
    message:
        "Recording what was run, and the SHA-256 of all that was made"
    shell:
        "python -m assay.record {params.files:q} --settings {params.settings:q} {params.run:q}"
        " --out {output:q} --log {log:q}"


# Not part of `all`: snakemake --cores 1 verify
rule verify:
    input:
        "<results>/run.json",
    log:
        "<results>/logs/verify.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        code=code("verify"),
    message:
        "Computing all digests anew"
    shell:
        "python -m assay.verify {input:q} --log {log:q}"
