import { UserError } from '../../errors.js';
import { ProtoWriter } from '../../formats/protobuf.js';

/**
 * Compile options as XLA takes them: `CompileOptionsProto` with its `ExecutableBuildOptionsProto`
 * (`xla/pjrt/proto/compile_options.proto`) and, for several devices, a `DeviceAssignmentProto` (`xla/xla_data.proto`).
 */
export interface CompileOptions {
  /** Number of devices that share one program, as partitions. */
  devices: number;
  /** Their ids; default 0, 1, … */
  ids?: readonly number[];
  /** XLA's flags as they stand in XLA_FLAGS: `--xla_name=value --xla_other=true`. They hold for this program alone. */
  flags?: string;
}

/** @throws UserError for a flag that is none */
export function compileOptions({ devices, ids, flags }: CompileOptions): Uint8Array {
  const build = new ProtoWriter().varint(4, 1).varint(5, devices);
  if (devices > 1) {
    build.varint(6, 1); // use_spmd_partitioning
    const assignment = new ProtoWriter().varint(1, 1).varint(2, devices);
    for (let i = 0; i < devices; i++) assignment.message(3, new ProtoWriter().bytes(1, packed(ids?.[i] ?? i)));
    build.message(9, assignment);
    build.varint(19, 1); // use_shardy_partitioner
  }
  const options = new ProtoWriter().message(3, build);
  // env_option_overrides: a map from names to a value, of which text is read as the flag's own kind, but for a boolean.
  for (const [name, value] of parseFlags(flags ?? '')) {
    const isBoolean = value === 'true' || value === 'false';
    const override = new ProtoWriter();
    if (isBoolean) override.varint(2, value === 'true' ? 1 : 0);
    else override.string(1, value);
    options.message(7, new ProtoWriter().string(1, name).message(2, override));
  }
  return options.finish();
}

function packed(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Uint8Array.of(...bytes, value);
}

/** @returns name and value of each flag. @throws UserError naming what is no flag */
export function parseFlags(flags: string): [name: string, value: string][] {
  return flags
    .split(/\s+/)
    .filter(Boolean)
    .map((flag) => {
      const found = /^--(xla_\w+)(?:=(.*))?$/.exec(flag);
      if (!found) throw new UserError(`XLA flag ${flag}: not of the form --xla_name=value`);
      return [found[1], found[2] ?? 'true'];
    });
}
