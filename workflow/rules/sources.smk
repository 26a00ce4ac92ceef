SIMULATED = CONFIG.data.simulate
DIGITS = CONFIG.data.digits
SOURCE = f"{CONFIG.results}/simulate" if SIMULATED else f"{CONFIG.results}/digits"
PHOTOS = CONFIG.data.photos or f"{SOURCE}/photos"
TABLE = CONFIG.data.table or f"{SOURCE}/labels.csv"
# How many files hold the pictures: it is known before a label table is made.
if SIMULATED:
    SHARDS = range(shards.of(SIMULATED.samples * SIMULATED.photos_per_sample, CONFIG.shard_size))
elif DIGITS:
    SHARDS = range(shards.of(DIGITS.photographs, CONFIG.shard_size))
else:
    SHARDS = range(shards.count(Path(TABLE), CONFIG.shard_size))
# Tiny photographs have no limit, as one's own have none.
LIMIT = [f"{SOURCE}/limit.csv"] if SIMULATED and SIMULATED.preset != "tiny" else []

if SIMULATED:

    rule simulate:
        output:
            photos=directory("<results>/simulate/photos"),
            labels="<results>/simulate/labels.csv",
            truth="<results>/simulate/truth.csv",
        log:
            "<results>/logs/simulate.log",
        conda:
            "../../envs/images.yaml"
        threads: CONFIG.workers
        resources:
            mem_mb=2000,
            runtime=60,
        params:
            samples=SIMULATED.samples,
            options=flags(**SIMULATED.model_dump(exclude={"samples"})),
            low=CONFIG.range[0],
            high=CONFIG.range[1],
            code=code("simulate"),
        message:
            "Drawing {params.samples} samples of a simulated assay"
        shell:
            "python -m assay.simulate --photos {output.photos:q} --labels {output.labels:q}"
            " --truth {output.truth:q} --samples {params.samples} {params.options:q}"
            " --low {params.low} --high {params.high} --workers {threads} --log {log:q}"


if LIMIT:

    # not part of simulate: another size of picture must not draw the photographs anew
    rule limit:
        output:
            LIMIT,
        log:
            "<results>/logs/limit.log",
        conda:
            "../../envs/images.yaml"
        threads: CONFIG.workers
        resources:
            mem_mb=2000,
            runtime=60,
        params:
            sizes=SIZES,
            options=flags(**SIMULATED.model_dump()),
            low=CONFIG.range[0],
            high=CONFIG.range[1],
            code=code("limit"),
        message:
            "Computing how well these photographs can tell the concentration"
        shell:
            "python -m assay.limit --out {output:q} --sizes {params.sizes} {params.options:q}"
            " --low {params.low} --high {params.high} --workers {threads} --log {log:q}"


if DIGITS:

    rule digits:
        output:
            photos=directory("<results>/digits/photos"),
            labels="<results>/digits/labels.csv",
        log:
            "<results>/logs/digits.log",
        conda:
            "../../envs/images.yaml"
        resources:
            mem_mb=1000,
            runtime=10,
        params:
            options=flags(**DIGITS.model_dump()),
            code=code("digits"),
        message:
            "Turning 5,000 handwritten digits"
        shell:
            "python -m assay.digits --photos {output.photos:q} --labels {output.labels:q}"
            " {params.options:q} --log {log:q}"
