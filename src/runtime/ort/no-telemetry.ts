/**
 * ONNX Runtime's binaries (1.30, on Linux too) keep a device id and a database of events under the user's cache folder, to be sent to
 * Microsoft, unless this variable says no before the library is loaded. What synclr's users train on is nobody else's business.
 * Imported, for this effect alone, before every import of onnxruntime-node, and by whoever starts a thread that loads it: a thread's own
 * environment is a copy that native code does not see.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
