import fcntl
import hashlib
import json
import os
import re
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

# The code beside this file is the code that runs and the code that is digested, whatever else is
# installed; `python` is the interpreter that runs the driver. Holds for jobs on a cluster as well.
PACKAGES = Path(workflow.current_basedir).parent
sys.path.insert(0, str(PACKAGES))
os.environ.update(
    PYTHONPATH=os.pathsep.join(filter(None, [str(PACKAGES), dict(os.environ).get("PYTHONPATH")])),
    PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
)

from assay import config as settings
from assay import job, models, shards
from assay.code_digest import digest as code
from assay.faults import BadInput
from assay.learning import demands
from assay.learning.turns import order as in_order

# A study is a whole configuration: it replaces config.yaml instead of being mixed with it.
if not workflow.overwrite_configfiles:

    configfile: "config.yaml" if Path("config.yaml").is_file() else str(PACKAGES.parent / "config.yaml")


try:
    CONFIG = settings.load(config, workflow.overwrite_configfiles or workflow.configfiles)
except BadInput as bad:
    print(*bad.faults, sep="\n", file=sys.stderr)
    sys.stderr.flush()
    os._exit(2)  # an exception would be shown as a fault of the Snakefile

# Steps end when this process is gone, even by SIGKILL: see assay/job.py.
os.environ.update(ASSAY_DRIVER=f"{job.process_namespace()} {os.getpid()}")
os.environ.update(ASSAY_JOBS_PER_GPU=str(CONFIG.jobs_per_gpu))  # see assay/learning/devices.py
if workflow.is_main_process:
    # Held as long as this process lives: workflow/recover.py sees by it that a run is alive.
    Path(".snakemake").mkdir(exist_ok=True)
    ALIVE = os.open(".snakemake/assay.lock", os.O_RDWR | os.O_CREAT, 0o666)
    with suppress(OSError):  # some network file systems have no locks
        fcntl.flock(ALIVE, fcntl.LOCK_SH)

EXPERIMENTS = [experiment.name for experiment in CONFIG.experiments]
FOLDS = range(CONFIG.split.folds)
SIZES = sorted({experiment.size for experiment in CONFIG.experiments})
NETWORKS = [e for e in CONFIG.experiments if models.kind(e.architecture) == "network"]
PRESETS = sorted({e.augmentation for e in NETWORKS} - {"none"})
BASELINES = [
    e.name for e in CONFIG.experiments if e not in NETWORKS and e.architecture != "constant"
]


pathvars:
    results=CONFIG.results,


wildcard_constraints:
    experiment="|".join(EXPERIMENTS),
    fold=r"\d+",
    size=r"\d+",
    shard=r"\d+",
    preset=r"[A-Za-z0-9_-]+",


def turns():
    """Each training of a network, in the order in which they begin; on GPUs the longest first."""
    copies = {name: CONFIG.augmentation(name).copies for name in PRESETS}
    work = {e.name: demands.work(e, copies.get(e.augmentation, 0)) for e in NETWORKS}
    jobs = [(name, fold) for name in work for fold in FOLDS]
    at_once = (workflow.resource_settings.cores or 1) // (CONFIG.threads * CONFIG.processes)
    order = in_order([work[name] for name, _ in jobs], 1 if CONFIG.gpu else max(1, at_once))
    return [jobs[place] for place in order]


def one_of(names):
    """A pattern that these names match, and no others."""
    return "|".join(map(re.escape, sorted(names))) or "(?!)"


def as_json(value):
    """A frozen dataclass or mapping as one line of JSON: a plain, ordered, quotable value."""
    content = value if isinstance(value, dict) else asdict(value)
    return verbatim(json.dumps(content, sort_keys=True))


def verbatim(text):
    """JSON whose texts hold no braces, which a rule would take for wildcards, but their escapes."""
    escape = lambda found: found[0].replace("{", "\\u007b").replace("}", "\\u007d")
    return re.sub(r'"(?:[^"\\]|\\.)*"', escape, text)


def flags(**values):
    """The values as flags, each one word, in the order given; an empty text gives none."""
    return [f"--{key.replace('_', '-')}={value}" for key, value in values.items() if value != ""]


def in_shards(folder, suffix):
    """The files of a folder that hold one shard each."""
    return [f"{folder}/shard{shard}.{suffix}" for shard in SHARDS]


def arrays(*sizes):
    """The pictures of these sizes, all shards."""
    return [file for size in sizes for file in in_shards(f"{CONFIG.results}/arrays/{size}", "npy")]


def part_of_all(wildcards):
    """The flags that tell which photographs one shard holds."""
    return [f"--shard={wildcards.shard}", f"--shard-size={CONFIG.shard_size}"]


def altered(wildcards):
    """The copies that an experiment trains on; none for a baseline or without augmentation."""
    experiment = CONFIG.experiment(wildcards.experiment)
    if experiment.augmentation == "none" or models.kind(experiment.architecture) == "estimator":
        return {}
    folder = f"{CONFIG.results}/augment/{experiment.augmentation}/{experiment.size}"
    return {
        "augmented": in_shards(folder, "npy"),
        "copies": in_shards(folder, "csv"),
    }


def pictures(wildcards):
    """What one training job reads: the array of its size, the split, and its copies."""
    experiment = CONFIG.experiment(wildcards.experiment)
    size = experiment.size
    weights = {"pretrained": experiment.pretrained} if experiment.pretrained else {}
    return (
        altered(wildcards)
        | weights
        | {
            "images": arrays(size),
            "split": f"{CONFIG.results}/split/split.csv",
        }
    )


def augmented(wildcards, input):
    """The flags that name the copies, where there are any."""
    if not altered(wildcards):
        return []
    return ["--augmented", *input.augmented, "--copies", *input.copies]


def architecture(wildcards):
    """The page in models/ of an experiment's architecture."""
    return CONFIG.experiment(wildcards.experiment).architecture


def processes(wildcards):
    """How many processes train one model: baselines are fitted by one."""
    return CONFIG.processes if models.kind(architecture(wildcards)) == "network" else 1


def launcher(wildcards):
    """What starts them: torch's own launcher where there are several."""
    number = processes(wildcards)
    several = f"torch.distributed.run --standalone --nproc-per-node={number} -m --"
    return f"GLIBC_TUNABLES={demands.ALLOCATION} python -m {several if number > 1 else ''}"


def on_gpu(wildcards):
    """A card for each process where they are asked for and the model can use them."""
    network = models.kind(architecture(wildcards)) == "network"
    return processes(wildcards) if CONFIG.gpu and network else 0


def in_turn(wildcards):
    """The priority of a training job, above 0, at most 1: so that all cores end together."""
    job = wildcards.experiment, int(wildcards.get("fold", -1))
    return 1 - (TURNS.index(job) if job in TURNS else len(TURNS)) / (len(TURNS) + 1)


def memory(wildcards, input, attempt):
    """MB of a training job, by its experiment and what it reads; more at each attempt."""
    experiment = CONFIG.experiment(wildcards.experiment)
    one = demands.memory(experiment, input.size_mb, on_gpu(wildcards), attempt)
    return one * processes(wildcards)


def minutes(wildcards, input, attempt):
    """Minutes of a training job, by its experiment and what it reads; more at each attempt."""
    experiment = CONFIG.experiment(wildcards.experiment)
    folds = 1 if "fold" in wildcards.keys() else len(FOLDS)
    return demands.minutes(experiment, input.size_mb, on_gpu(wildcards), attempt, folds)


def of_all(name):
    """That file of every experiment and fold, experiment by experiment."""
    return expand(
        f"{CONFIG.results}/train/{{experiment}}/fold{{fold}}/{name}",
        experiment=EXPERIMENTS,
        fold=FOLDS,
    )


def of_folds(name):
    """That file of every fold of one experiment."""
    return expand(
        f"{CONFIG.results}/train/{{experiment}}/fold{{fold}}/{name}", fold=FOLDS, allow_missing=True
    )


def of_experiments(*names, kinds=("network", "estimator")):
    """Those figures of every experiment whose model is of one of the kinds."""
    return expand(
        f"{CONFIG.results}/figures/experiments/{{experiment}}/{{name}}",
        experiment=[e.name for e in CONFIG.experiments if models.kind(e.architecture) in kinds],
        name=names,
    )


def picture(name, category, subcategory=None, **labels):
    """A figure of the whole run as an item of the report: its caption lies in workflow/report."""
    return report(
        f"{CONFIG.results}/figures/{name}.svg",
        caption=f"../report/{Path(name).name}.rst",
        category=category,
        subcategory=subcategory,
        labels=labels,
    )


def picture_of_experiment(name, category, figure):
    """A figure of one experiment as an item of the report, filed by architecture and size."""
    return report(
        f"{CONFIG.results}/figures/experiments/{{experiment}}/{name}.svg",
        caption=f"../report/{name}.rst",
        category=category,
        subcategory=lambda wildcards: f"{architecture(wildcards)}, {pixels(wildcards)}",
        labels=lambda wildcards: {
            "figure": figure,
            "experiment": wildcards.experiment,
            "architecture": architecture(wildcards),
            "size": pixels(wildcards),
        },
    )


def table_item(suffix, category):
    """A table as an item of the report: a page to look at, or its CSV."""
    return report(
        f"{CONFIG.results}/tables/{{table}}.{suffix}",
        caption="../report/tables.rst",
        category=category,
        subcategory="Tables",
        labels={"figure": "{table}", "format": suffix.upper()},
    )


def pixels(wildcards):
    """The size that an experiment sees."""
    return f"{CONFIG.experiment(wildcards.experiment).size} px"


def named(wildcards, input):
    """The flags of a step whose parameters are named like the inputs of its rule."""
    words = []
    for key, files in filter(lambda item: item[1], input.items()):
        words += [f"--{key.replace('_', '-')}", *([files] if isinstance(files, str) else files)]
    return words


def finest():
    """The size of the largest pictures that the run makes anyway."""
    return max([*SIZES, CONFIG.full_size] if PRESETS else SIZES)


def command():
    """The command that makes this run, without the parts that differ between machines."""
    studies = [Path(file).resolve() for file in workflow.overwrite_configfiles or []]
    root = PACKAGES.parent
    names = [s.relative_to(root) if s.is_relative_to(root) else s.name for s in studies]
    return " ".join(["snakemake --cores all", *(f"--configfile {name}" for name in names)])


def templates():
    """A digest of the pages' templates: editing one makes the pages again."""
    content = hashlib.sha256()
    for path in sorted((PACKAGES / "report").glob("*.[hcj][ts]*")):
        content.update(b"%s\0%s" % (path.name.encode(), path.read_bytes()))
    return content.hexdigest()[:16]


def of_baselines(name):
    """That file of every fold of the colour baselines."""
    return expand(
        f"{CONFIG.results}/train/{{experiment}}/fold{{fold}}/{name}",
        experiment=BASELINES,
        fold=FOLDS,
    )


def of_networks(name):
    """That file of every experiment that is a network."""
    return [f"{CONFIG.results}/train/{experiment.name}/{name}" for experiment in NETWORKS]


def transfer_pictures(name, figure):
    """That figure of every experiment of the transfer, as items of the report."""
    experiments = CONFIG.transfer.experiments
    return [
        picture(f"experiments/{one}/{name}", NEW, figure=figure, experiment=one)
        for one in experiments
    ]


def alone(wildcards):
    """Whether to train on each group alone: a baseline takes a moment, a network is asked for."""
    baseline = models.kind(architecture(wildcards)) == "estimator"
    return "--alone" if baseline or CONFIG.transfer.matrix else "--no-alone"


def array(wildcards):
    """The pictures that an experiment sees."""
    return {"images": arrays(CONFIG.experiment(wildcards.experiment).size)}


def drawn(wildcards):
    """The figures of other rules that a page shows."""
    network = models.kind(architecture(wildcards)) == "network"
    names = ["residuals", "found_known", *(["learning"] if network else [])]
    folder = f"{CONFIG.results}/figures/experiments/{wildcards.experiment}"
    return expand(f"{folder}/{{name}}.{{suffix}}", name=names, suffix=["png", "svg"])


def folder_of_maps(wildcards, input):
    """The flag that names the folder of saliency maps, where there are any."""
    return ["--saliency", Path(input.maps[0]).parent.as_posix()] if input.maps else []
