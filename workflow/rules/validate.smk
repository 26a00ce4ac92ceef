from importlib.util import find_spec

VALIDATION = [
    "samples",
    "levels",
    "limits",
    "linearity",
    "precision",
    "errors",
    "agreement",
    "lines",
    "outliers",
    "suspects",
    "unsupported",
]
GOALS = as_json(CONFIG.validation.model_dump())
VALIDATED = expand("<results>/validation/{table}.csv", table=VALIDATION)
WORKBOOK = ["<results>/tables.xlsx"] if find_spec("openpyxl") else []


rule validate:
    input:
        predictions="<results>/cross_validate/predictions.csv",
        leaderboard="<results>/leaderboard.csv",
        photos="<results>/ingest/photos.csv",
        test="<results>/evaluate/predictions.csv",
    output:
        VALIDATED,
        summary="<results>/validation/summary.json",
    log:
        "<results>/logs/validate.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        files=named,
        quantity=QUANTITY,
        goals=GOALS,
        out=lambda wildcards, output: Path(output[0]).parent.as_posix(),
        code=code("validate"),
    message:
        "Validating the best experiment as an analytical method"
    shell:
        "python -m assay.validate {params.files:q} --quantity {params.quantity:q}"
        " --goals {params.goals:q} --out {params.out:q} --summary {output.summary:q} --log {log:q}"


rule validation_page:
    input:
        tables=VALIDATED,
        summary="<results>/validation/summary.json",
    output:
        expand("<results>/figures/validation/{name}.png", name=["line", "recovery", "agreement"]),
        expand("<results>/figures/validation/{name}.svg", name=["line", "recovery", "agreement"]),
        page="<results>/validation.html",
    log:
        "<results>/logs/validation_page.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        files=named,
        quantity=QUANTITY,
        goals=GOALS,
        title=lambda wildcards: f"Validation: {CONFIG.title}",
        figures=lambda wildcards, output: Path(output[0]).parent.as_posix(),
        code=[code("validation_page"), templates()],
    message:
        "Writing the validation page"
    shell:
        "python -m assay.validation_page {params.files:q} --quantity {params.quantity:q}"
        " --goals {params.goals:q} --title {params.title:q} --figures {params.figures:q}"
        " --out {output.page:q} --log {log:q}"


rule random_split:
    input:
        images=arrays(*SIZES),
        split="<results>/split/split.csv",
        leaderboard="<results>/leaderboard.csv",
        predictions="<results>/cross_validate/predictions.csv",
        baselines=of_baselines("model.safetensors"),
    output:
        table="<results>/cross_validate/random_split.csv",
    log:
        "<results>/logs/random_split.log",
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        files=named,
        range=CONFIG.range,
        dealt=flags(scale=CONFIG.scale, block=CONFIG.split.block, seed=CONFIG.split.seed),
        code=code("random_split"),
    message:
        "Asking what a random split would have claimed"
    shell:
        "python -m assay.random_split {params.files:q} --low {params.range[0]}"
        " --high {params.range[1]} {params.dealt:q} --out {output.table:q} --log {log:q}"


rule workbook:
    input:
        tables=[*TABLES.values(), *RANDOM_SPLIT, *SAMPLE_SIZE, *TRANSFER, *VALIDATED],
    output:
        "<results>/tables.xlsx",
    log:
        "<results>/logs/workbook.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code("workbook"),
    message:
        "Writing all tables as one Excel workbook"
    shell:
        "python -m assay.workbook --tables {input.tables:q} --out {output:q} --log {log:q}"
