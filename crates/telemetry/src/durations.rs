//! How durations are counted in histograms.

/// The bounds, in seconds: those that the OpenTelemetry conventions for MCP advise.
pub(crate) const BOUNDS: [f64; 14] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
];
