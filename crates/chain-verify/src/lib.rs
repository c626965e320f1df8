//! Finds and judges X.509 paths under an explicit policy, time and budget, keeping every path tried
