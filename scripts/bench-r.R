# Runs farringtonFlexible, earsC and estimate_R on the sample that the Go test
# wrote, compares the answers, and prints the times of both. Called by bench-r.sh.
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
spent <- system.time(for (i in seq_len(n)) earsC(sts(observed = series[i, ], frequency = 52),
                                                 control = list(range = 520, method = "C1")))
r.now <- 1e9 * (spent[["user.self"]] + spent[["sys.self"]]) / n

done <- !is.na(theirs[, 1])
if (any(ours[!done, 1] >= 0)) cat("R gave no threshold for", sum(ours[!done, 1] >= 0), "series that we judged\n")
off <- max(abs(ours[done, 2:3] - theirs[done, 2:3]) / pmax(1e-9, abs(theirs[done, 2:3])))
same <- all(ours[done, 1] == theirs[done, 1]) && all(ours[done, 4] == theirs[done, 4])
cat(sprintf("%d weekly series of 520 weeks, Farrington Flexible for the current week (5 years, 10 periods, trend, reweighting)\n", n))
cat(sprintf("  thresholds and alarms equal: %s (%d alarms); expected counts and dispersions within %.1e\n", same, sum(theirs[done, 4]), off))
cat(sprintf("  CPU per series:  R %.0f us   Go %.1f us   ratio %.0f\n", r.far / 1e3, times[1] / 1e3, r.far / times[1]))
cat(sprintf("EARS C1 for the current week\n  CPU per series:  R %.0f us   Go %.2f us   ratio %.0f\n", r.now / 1e3, times[3] / 1e3, r.now / times[3]))
cat(sprintf("EARS C1 for 52 weeks of each\n  CPU per series:  R %.0f us   Go %.1f us   ratio %.0f\n", r.ears / 1e3, times[2] / 1e3, r.ears / times[2]))

rt.same <- TRUE
if (requireNamespace("EpiEstim", quietly = TRUE)) {
  rt <- as.matrix(read.csv(file.path(dir, "rt.csv"), header = FALSE))
  config <- EpiEstim::make_config(list(t_start = 514, t_end = 520, mean_si = 2.4, std_si = 1.2))
  latest <- function(i) suppressWarnings(suppressMessages(EpiEstim::estimate_R(series[i, ], method = "parametric_si", config = config)))$R
  invisible(latest(1))
  theirs <- matrix(NA_real_, n, 3)
  spent <- system.time(for (i in seq_len(n)) theirs[i, ] <- unlist(latest(i)[c("Mean(R)", "Quantile.0.025(R)", "Quantile.0.975(R)")]))
  r.rt <- 1e9 * (spent[["user.self"]] + spent[["sys.self"]]) / n
  ok <- rt[, 1] >= 0 & is.finite(theirs[, 1])
  rt.off <- max(abs(rt[ok, ] - theirs[ok, ]) / pmax(1e-9, abs(theirs[ok, ])))
  rt.same <- rt.off < 1e-6
  cat(sprintf("R of the last window of 7 weeks (EpiEstim %s, serial interval 2.4 weeks)\n", packageVersion("EpiEstim")))
  cat(sprintf("  mean and interval of %d series within %.1e\n", sum(ok), rt.off))
  cat(sprintf("  CPU per series:  R %.0f us   Go %.1f us   ratio %.0f\n", r.rt / 1e3, times[4] / 1e3, r.rt / times[4]))
} else {
  cat("The R package EpiEstim is absent and cannot be installed here: the reproduction number is not compared.\n")
}
if (!same || off > 1e-6 || !rt.same) quit(status = 1)
