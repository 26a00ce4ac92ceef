# What a training leaves in the folder of its fold.
TRAINED = {
    "model": "model.safetensors",
    "description": "model.json",
    "history": "history.csv",
    "predictions": "predictions.csv",
    "speed": "speed.json",
}
TURNS = turns()


rule train:
    input:
        unpack(pictures),
    output:
        **{
            key: f"<results>/train/{{experiment}}/fold{{fold}}/{name}"
            for key, name in TRAINED.items()
        },
    log:
        "<results>/logs/train/{experiment}-{fold}.log",
    wildcard_constraints:
        experiment=one_of(experiment.name for experiment in NETWORKS),
    priority: in_turn
    conda:
        "../../envs/torch.yaml"
    threads: CONFIG.threads * CONFIG.processes
    resources:
        mem_mb=memory,
        runtime=minutes,
        gpu=on_gpu,
    params:
        experiment=lambda wildcards: as_json(CONFIG.experiment(wildcards.experiment)),
        range=CONFIG.range,
        folds=lambda wildcards: [wildcards.fold],
        out=lambda wildcards: f"{CONFIG.results}/train/{wildcards.experiment}",
        copies=augmented,
        threads=CONFIG.threads,
        launcher=launcher,
        # not an output: what an interrupted training left must stay
        resume=f"{CONFIG.results}/.resume",
        code=lambda wildcards: code("train", f"models.{architecture(wildcards)}"),
    message:
        "Training {wildcards.experiment}, fold {wildcards.fold} held out"
    shell:
        "{params.launcher} assay.train --images {input.images:q} --split {input.split:q}"
        " --experiment {params.experiment:q} --folds {params.folds} --low {params.range[0]}"
        " --high {params.range[1]} --out {params.out:q} {params.copies:q}"
        " --threads {params.threads} --device $([ {resources.gpu} -gt 0 ] && echo cuda || echo cpu)"
        " --resume {params.resume:q} --log {log:q}"


# A baseline is fitted in less time than Python takes to start: one job for all folds.
use rule train as fit with:
    output:
        **{key: of_folds(name) for key, name in TRAINED.items()},
    log:
        "<results>/logs/train/{experiment}.log",
    wildcard_constraints:
        experiment=one_of(set(EXPERIMENTS) - {experiment.name for experiment in NETWORKS}),
    threads: CONFIG.threads
    params:
        folds=list(FOLDS),
    message:
        "Fitting {wildcards.experiment}, each fold held out in turn"
