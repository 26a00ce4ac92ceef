# A page for each experiment: links to it stand in the report.
MAPS = expand(
    "<results>/saliency/{{experiment}}/{name}",
    name=["summary.json", "photographs.csv", "curves.csv", "cells.csv"],
)
OWN_FIGURES = {
    "groups": "residuals by group",
    "intervals": "coverage of intervals",
    **({"saliency": "where it looks"} if CONFIG.saliency else {}),
}


rule diagnose:
    input:
        predictions="<results>/cross_validate/predictions.csv",
    output:
        **DIAGNOSED,
    log:
        "<results>/logs/diagnose.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        scale=CONFIG.scale,
        code=code("diagnose"),
    message:
        "Asking what each experiment's errors depend on"
    shell:
        "python -m assay.diagnose --predictions {input.predictions:q} --groups {output.groups:q}"
        " --group-effect {output.group_effect:q}"
        " --interval-coverage {output.interval_coverage:q} --scale {params.scale} --log {log:q}"


rule saliency:
    input:
        unpack(array),
        split="<results>/split/split.csv",
        models=of_folds("model.safetensors"),
        descriptions=of_folds("model.json"),
        predictions=of_folds("predictions.csv"),
    output:
        MAPS,
    log:
        "<results>/logs/saliency/{experiment}.log",
    conda:
        "../../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        quantity=QUANTITY,
        number=CONFIG.saliency,
        threads=CONFIG.threads,
        out=lambda wildcards, output: Path(output[0]).parent.as_posix(),
        code=lambda wildcards: code("saliency", f"models.{architecture(wildcards)}"),
    message:
        "Looking where {wildcards.experiment} looks"
    shell:
        "python -m assay.saliency --images {input.images:q} --split {input.split:q}"
        " --models {input.models:q} --predictions {input.predictions:q}"
        " --quantity {params.quantity:q} --number {params.number} --threads {params.threads}"
        " --out {params.out:q} --log {log:q}"


rule model_page:
    input:
        unpack(array),
        drawn,
        **DIAGNOSED,
        maps=MAPS if CONFIG.saliency else [],
        leaderboard="<results>/leaderboard.csv",
        predictions="<results>/cross_validate/predictions.csv",
        models=of_folds("model.json"),
        histories=of_folds("history.csv"),
    output:
        expand("<results>/figures/experiments/{{experiment}}/{name}.png", name=OWN_FIGURES),
        *(picture_of_experiment(name, ERRORS, words) for name, words in OWN_FIGURES.items()),
        page="<results>/models/{experiment}.html",
    log:
        "<results>/logs/model_page/{experiment}.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        quantity=QUANTITY,
        title=CONFIG.title,
        figures=lambda wildcards, output: Path(output[0]).parent.as_posix(),
        maps=folder_of_maps,
        code=[code("model_page"), templates()],
    message:
        "Writing the page of {wildcards.experiment}"
    shell:
        "python -m assay.model_page --experiment {wildcards.experiment}"
        " --leaderboard {input.leaderboard:q} --predictions {input.predictions:q}"
        " --groups {input.groups:q} --group-effect {input.group_effect:q}"
        " --interval-coverage {input.interval_coverage:q} --models {input.models:q}"
        " --histories {input.histories:q} --images {input.images:q} --figures {params.figures:q}"
        " --quantity {params.quantity:q} --title {params.title:q} --out {output.page:q}"
        " {params.maps:q} --log {log:q}"
