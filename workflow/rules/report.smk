rule cross_validate:
    input:
        split="<results>/split/split.csv",
        models=of_all("model.json"),
        predictions=of_all("predictions.csv"),
        limit=LIMIT,
    output:
        table="<results>/cross_validate/predictions.csv",
        comparisons="<results>/cross_validate/comparison.csv",
        leaderboard="<results>/leaderboard.csv",
    log:
        "<results>/logs/cross_validate.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        number=len(EXPERIMENTS),
        reference=CONFIG.reference,
        range=CONFIG.range,
        scale=CONFIG.scale,
        limit=lambda wildcards, input: ["--limit", *input.limit] if input.limit else [],
        code=code("cross_validate"),
    message:
        "Scoring {params.number} experiments out of fold"
    shell:
        "python -m assay.cross_validate --split {input.split:q} --models {input.models:q}"
        " --predictions {input.predictions:q} --reference {params.reference}"
        " --low {params.range[0]} --high {params.range[1]} --scale {params.scale}"
        " {params.limit:q} --out {output.table:q} --comparisons {output.comparisons:q}"
        " --leaderboard {output.leaderboard:q} --log {log:q}"


rule evaluate:
    input:
        split="<results>/split/split.csv",
        leaderboard="<results>/leaderboard.csv",
        models=of_all("model.safetensors"),
        images=arrays(*SIZES),
    output:
        table="<results>/evaluate/predictions.csv",
        summary="<results>/evaluate/scores.json",
    log:
        "<results>/logs/evaluate.log",
    conda:
        "../../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        range=CONFIG.range,
        scale=CONFIG.scale,
        threads=CONFIG.threads,
        code=code("evaluate"),
    message:
        "Scoring the test set once, with the best experiment"
    shell:
        "python -m assay.evaluate --split {input.split:q} --leaderboard {input.leaderboard:q}"
        " --models {input.models:q} --images {input.images:q} --low {params.range[0]}"
        " --high {params.range[1]} --scale {params.scale} --threads {params.threads}"
        " --out {output.table:q} --summary {output.summary:q} --log {log:q}"


rule answer:
    input:
        predictions="<results>/cross_validate/predictions.csv",
    output:
        table="<results>/cross_validate/answers.csv",
    log:
        "<results>/logs/answer.log",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        questions=[as_json(question.model_dump()) for question in CONFIG.questions],
        scale=CONFIG.scale,
        code=code("answer"),
    message:
        "Answering the questions of the study"
    shell:
        "python -m assay.answer --predictions {input.predictions:q} --out {output.table:q}"
        " --scale {params.scale} --log {log:q} --questions {params.questions:q}"


rule price:
    input:
        images=arrays(CONFIG.full_size),
        split="<results>/split/split.csv",
        leaderboard="<results>/leaderboard.csv",
        baselines=of_baselines("model.safetensors"),
    output:
        table="<results>/cross_validate/prices.csv",
    log:
        "<results>/logs/price.log",
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        presets=as_json({name: asdict(CONFIG.augmentation(name)) for name in PRESETS}),
        scale=CONFIG.scale,
        code=code("price"),
    message:
        "Pricing the colour operations of augmentation"
    shell:
        "python -m assay.price --images {input.images:q} --split {input.split:q}"
        " --leaderboard {input.leaderboard:q} --baselines {input.baselines:q}"
        " --presets {params.presets:q} --scale {params.scale} --out {output.table:q} --log {log:q}"


rule summary:
    input:
        models=of_networks("fold0/model.safetensors"),
    output:
        table="<results>/summary.csv",
    log:
        "<results>/logs/summary.log",
    conda:
        "../../envs/torch.yaml"
    threads: CONFIG.threads
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        experiments=[as_json(experiment) for experiment in CONFIG.experiments],
        range=CONFIG.range,
        threads=CONFIG.threads,
        code=code("summary"),
    message:
        "Measuring size, cost and invariance of each network"
    shell:
        "python -m assay.summary --experiments {params.experiments:q} --out {output.table:q}"
        " --low {params.range[0]} --high {params.range[1]} --trained {input.models:q}"
        " --threads {params.threads} --log {log:q}"
