QUANTITY = as_json(
    {
        "name": CONFIG.quantity,
        "unit": CONFIG.unit,
        "low": CONFIG.range[0],
        "high": CONFIG.range[1],
        "scale": CONFIG.scale,
    }
)
OVERVIEW = ["leaderboard", "differences", "split", "test", "wall"]
SHOWN = ["snakemake", "torch", "torchvision", "numpy", "scipy", "pandas", "pillow", "scikit-learn"]

ANSWERS = ["<results>/cross_validate/answers.csv"] if CONFIG.questions else []
PRICES = ["<results>/cross_validate/prices.csv"] if PRESETS and BASELINES else []
RANDOM_SPLIT = ["<results>/cross_validate/random_split.csv"] if BASELINES else []
COSTS = ["<results>/summary.csv"] if NETWORKS else []
SAMPLE_SIZE = expand(
    "<results>/sample_size/{table}.csv",
    table=["sample_size", "forecast"] if CONFIG.sample_size.experiments else [],
)
TRANSFER = expand(
    "<results>/transfer/{table}.csv",
    table=["transfer", "matrix"] if CONFIG.transfer.experiments else [],
)
GENERALISED = ["sample_size"] if SAMPLE_SIZE else []
GENERALISED += [
    f"experiments/{experiment}/{name}"
    for experiment in CONFIG.transfer.experiments
    for name in ("transfer", "matrix")
]
DIAGNOSED = {
    name: f"<results>/cross_validate/{name}.csv"
    for name in ("groups", "group_effect", "interval_coverage")
}
TABLES = {
    "leaderboard": "<results>/leaderboard.csv",
    "comparison": "<results>/cross_validate/comparison.csv",
    **({"answers": ANSWERS[0]} if ANSWERS else {}),
    **({"prices": PRICES[0]} if PRICES else {}),
    **({"costs": COSTS[0]} if COSTS else {}),
    **DIAGNOSED,
}

# The questions under which a report files its items
BEST = "1 Which experiment is best?"
NEW = "2 How good is it on new samples?"
ERRORS = "3 Where does it err?"
LEARNING = "4 How did it learn?"
FAIRNESS = "5 Is the split fair?"


rule plot:
    input:
        split="<results>/split/split.csv",
        models=of_folds("model.json"),
        predictions=of_folds("predictions.csv"),
    output:
        residuals="<results>/figures/experiments/{experiment}/residuals.png",
        residuals_svg=picture_of_experiment("residuals", ERRORS, "residuals"),
        found_known="<results>/figures/experiments/{experiment}/found_known.png",
        found_known_svg=picture_of_experiment("found_known", ERRORS, "found against known"),
    log:
        "<results>/logs/plot/{experiment}.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        quantity=QUANTITY,
        code=code("plot"),
    message:
        "Drawing the errors of {wildcards.experiment}"
    shell:
        "python -m assay.plot --split {input.split:q} --models {input.models:q}"
        " --predictions {input.predictions:q} --quantity {params.quantity:q}"
        " --residuals {output.residuals:q} {output.residuals_svg:q}"
        " --found-known {output.found_known:q} {output.found_known_svg:q} --log {log:q}"


rule plot_history:
    input:
        split="<results>/split/split.csv",
        models=of_folds("model.json"),
        histories=of_folds("history.csv"),
    output:
        "<results>/figures/experiments/{experiment}/learning.png",
        picture_of_experiment("learning", LEARNING, "learning curves"),
    log:
        "<results>/logs/plot_history/{experiment}.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        quantity=QUANTITY,
        code=code("plot_history"),
    message:
        "Drawing the learning curves of {wildcards.experiment}"
    shell:
        "python -m assay.plot_history --split {input.split:q} --models {input.models:q}"
        " --histories {input.histories:q} --quantity {params.quantity:q} --out {output:q}"
        " --log {log:q}"


rule overview:
    input:
        split="<results>/split/split.csv",
        leaderboard="<results>/leaderboard.csv",
        comparisons="<results>/cross_validate/comparison.csv",
        predictions="<results>/cross_validate/predictions.csv",
        test="<results>/evaluate/predictions.csv",
        scores="<results>/evaluate/scores.json",
        images=arrays(finest()),
    output:
        expand("<results>/figures/{name}.png", name=OVERVIEW),
        picture("leaderboard", BEST, figure="leaderboard"),
        picture("differences", BEST, figure="differences to the reference"),
        picture("split", FAIRNESS, figure="concentrations by part"),
        picture("test", NEW, figure="found against known, test set"),
        picture("wall", ERRORS, "The best experiment", figure="largest residuals"),
    log:
        "<results>/logs/overview.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        files=named,
        reference=CONFIG.reference,
        quantity=QUANTITY,
        seed=CONFIG.split.seed,
        out=lambda wildcards, output: Path(output[0]).parent.as_posix(),
        code=code("overview"),
    message:
        "Drawing leaderboard, split, test set and the worst photographs"
    shell:
        "python -m assay.overview {params.files:q} --reference {params.reference}"
        " --quantity {params.quantity:q} --seed {params.seed} --out {params.out:q} --log {log:q}"


rule tabulate:
    input:
        lambda wildcards: TABLES[wildcards.table],
    output:
        page=table_item("html", BEST),
        csv=table_item("csv", BEST),
    log:
        "<results>/logs/tabulate/{table}.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=[code("tabulate"), templates()],
    message:
        "Writing the table {wildcards.table} as a page"
    shell:
        "python -m assay.tabulate --table {input:q} --page {output.page:q} --csv {output.csv:q}"
        " --log {log:q}"


rule report:
    input:
        of_experiments("residuals.svg", "found_known.svg"),
        of_experiments("learning.svg", kinds=["network"]),
        expand(
            "<results>/figures/{name}.svg",
            name=[*OVERVIEW, "labels", "exposure", "card", *GENERALISED],
        ),
        leaderboard="<results>/leaderboard.csv",
        comparisons="<results>/cross_validate/comparison.csv",
        predictions="<results>/cross_validate/predictions.csv",
        split="<results>/split/split.csv",
        test="<results>/evaluate/predictions.csv",
        scores="<results>/evaluate/scores.json",
        photos="<results>/ingest/photos.csv",
        summary="<results>/ingest/summary.json",
        warnings="<results>/ingest/warnings.csv",
        models=of_all("model.json"),
        histories=of_all("history.csv"),
        speeds=of_all("speed.json"),
        tables=[
            *(*ANSWERS, *PRICES, *COSTS, *RANDOM_SPLIT, *SAMPLE_SIZE, *TRANSFER),
            "<results>/validation/suspects.csv",
            "<results>/ingest/appearance.csv",
        ],
        validity="<results>/validation/summary.json",
        images=arrays(finest()),
        record="<results>/run.json",
    output:
        "<results>/report.html",
    log:
        "<results>/logs/report.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        files=named,
        figures=lambda wildcards, input: Path(input[0]).parents[2].as_posix(),
        quantity=QUANTITY,
        settings=verbatim(CONFIG.model_dump_json()),
        origin="simulated" if SIMULATED else "digits" if DIGITS else "real",
        run=lambda wildcards: ["--command", command(), "--packages", *SHOWN],
        code=[code("report"), templates()],
    message:
        "Writing the report"
    shell:
        "python -m assay.report {params.files:q} --figures {params.figures:q}"
        " --quantity {params.quantity:q} --settings {params.settings:q} {params.run:q}"
        " --origin {params.origin} --out {output:q} --log {log:q}"
