/** Files of other frameworks, configurations and prose. */
const FOREIGN =
  /\.(onnx|json|txt|safetensors|bin|msgpack|h5|ckpt|pt|pth|ot|xml|engine|plan|mlmodel|py|md|png|jpg|jpeg)$/i;

/**
 * Whether a file beside an ONNX file holds its weights. They may have any name (`model.onnx_data`, `weights.pb`, one file a tensor), so:
 * whatever is no other format, nor the data of another ONNX file there, which by custom begins with that file's name
 * (`model_fp16.onnx_data`).
 * @param name of the file  @param names of all files in the folder  @param model of the ONNX file, e.g. `model.onnx`
 */
export function isOnnxData(name: string, names: readonly string[], model: string): boolean {
  if (name.startsWith('.') || FOREIGN.test(name)) return false;
  const stems = names.filter((n) => n.endsWith('.onnx')).map((n) => n.slice(0, -'.onnx'.length));
  // The longest name that fits is the one that is meant: model_fp16.onnx_data is not model's.
  const owner = stems.filter((s) => name.startsWith(`${s}.`)).sort((a, b) => b.length - a.length)[0];
  return owner === undefined || `${owner}.onnx` === model;
}
