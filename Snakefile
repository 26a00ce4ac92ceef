from snakemake.utils import min_version

min_version("9.19")


include: "workflow/rules/common.smk"
include: "workflow/rules/sources.smk"
include: "workflow/rules/images.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/generalise.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/method.smk"
include: "workflow/rules/record.smk"


rule all:
    default_target: True
    input:
        "<results>/leaderboard.csv",
        "<results>/evaluate/scores.json",
        "<results>/report.html",
        "<results>/validation.html",
        expand("<results>/models/{experiment}.html", experiment=EXPERIMENTS),
        WORKBOOK,
        expand("<results>/tables/{table}.html", table=TABLES),
