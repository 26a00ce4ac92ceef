LOOKS = ["labels", "exposure", "card"]
SOUND = "6 Are the photographs sound?"


rule appearance:
    input:
        images=arrays(finest()),
    output:
        table="<results>/ingest/appearance.csv",
    log:
        "<results>/logs/appearance.log",
    conda:
        "../../envs/images.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("appearance"),
    message:
        "Measuring exposure, sharpness and border of each photograph"
    shell:
        "python -m assay.appearance --images {input.images:q} --out {output.table:q} --log {log:q}"


rule plot_data:
    input:
        photos="<results>/ingest/photos.csv",
        appearance="<results>/ingest/appearance.csv",
    output:
        expand("<results>/figures/{name}.png", name=LOOKS),
        picture("labels", SOUND, figure="known values"),
        picture("exposure", SOUND, figure="exposure and sharpness"),
        picture("card", SOUND, figure="the card over sessions"),
    log:
        "<results>/logs/plot_data.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        quantity=QUANTITY,
        size=finest(),
        out=lambda wildcards, output: Path(output[0]).parent.as_posix(),
        code=code("plot_data"),
    message:
        "Drawing known values, exposure, sharpness and the card"
    shell:
        "python -m assay.plot_data --photos {input.photos:q} --appearance {input.appearance:q}"
        " --quantity {params.quantity:q} --size {params.size} --out {params.out:q} --log {log:q}"
