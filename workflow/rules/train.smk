rule train:
    input:
        unpack(pictures),
    output:
        model="<results>/train/{experiment}/fold{fold}/model.safetensors",
        description="<results>/train/{experiment}/fold{fold}/model.json",
        history="<results>/train/{experiment}/fold{fold}/history.csv",
        predictions="<results>/train/{experiment}/fold{fold}/predictions.csv",
        speed="<results>/train/{experiment}/fold{fold}/speed.json",
    log:
        "<results>/logs/train/{experiment}-{fold}.log",
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
        " --experiment {params.experiment:q} --fold {wildcards.fold} --low {params.range[0]}"
        " --high {params.range[1]} --model {output.model:q} --description {output.description:q}"
        " --history {output.history:q} --predictions {output.predictions:q}"
        " --speed {output.speed:q} {params.copies:q} --threads {params.threads}"
        " --device $([ {resources.gpu} -gt 0 ] && echo cuda || echo cpu)"
        " --resume {params.resume:q} --log {log:q}"
