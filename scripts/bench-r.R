# Runs farringtonFlexible and earsC on the sample that the Go test wrote, compares
# the answers, and prints the times of both. Called by bench-r.sh.
suppressMessages(library(surveillance))
dir <- commandArgs(TRUE)[1]
series <- as.matrix(read.csv(file.path(dir, "series.csv"), header = FALSE))
ours <- as.matrix(read.csv(file.path(dir, "ours.csv"), header = FALSE))
times <- as.numeric(read.csv(file.path(dir, "times.csv"), header = FALSE))
n <- nrow(series)

settings <- list(range = 520, b = 5, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, trend = TRUE, pThresholdTrend = 0.05,
                 reweight = TRUE, weightsThreshold = 2.58, alpha = 0.005, thresholdMethod = "nbPlugin", limit54 = c(0, 4),
                 glmWarnings = FALSE)
one <- function(i) suppressWarnings(farringtonFlexible(sts(observed = series[i, ], frequency = 52), control = settings))
invisible(one(1))  # loads what is loaded lazily
theirs <- matrix(NA_real_, n, 4)
spent <- system.time(for (i in seq_len(n)) {
  r <- one(i)
  theirs[i, ] <- c(upperbound(r), r@control$expected, r@control$phiVector, as.numeric(alarms(r)))
})
r.far <- 1e9 * (spent[["user.self"]] + spent[["sys.self"]]) / n
spent <- system.time(for (i in seq_len(n)) earsC(sts(observed = series[i, ], frequency = 52),
                                                 control = list(range = 469:520, method = "C1")))
r.ears <- 1e9 * (spent[["user.self"]] + spent[["sys.self"]]) / n

done <- !is.na(theirs[, 1])
if (any(ours[!done, 1] >= 0)) cat("R gave no threshold for", sum(ours[!done, 1] >= 0), "series that we judged\n")
off <- max(abs(ours[done, 2:3] - theirs[done, 2:3]) / pmax(1e-9, abs(theirs[done, 2:3])))
same <- all(ours[done, 1] == theirs[done, 1]) && all(ours[done, 4] == theirs[done, 4])
cat(sprintf("%d weekly series of 520 weeks, Farrington Flexible for the current week (5 years, 10 periods, trend, reweighting)\n", n))
cat(sprintf("  thresholds and alarms equal: %s (%d alarms); expected counts and dispersions within %.1e\n", same, sum(theirs[done, 4]), off))
cat(sprintf("  CPU per series:  R %.0f us   Go %.1f us   ratio %.0f\n", r.far / 1e3, times[1] / 1e3, r.far / times[1]))
cat(sprintf("EARS C1 for 52 weeks of each\n  CPU per series:  R %.0f us   Go %.1f us   ratio %.0f\n", r.ears / 1e3, times[2] / 1e3, r.ears / times[2]))
if (!same || off > 1e-6) quit(status = 1)
