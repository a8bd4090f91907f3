// Proves that proto/livekit is the public wire: compares every message and enum of our files, field
// by field, with the descriptors in the npm package @livekit/protocol, both ways.
//
//   node wire_schema.mjs DESCRIPTOR_SET    (made by protoc --descriptor_set_out)
import { readFileSync } from 'node:fs';
import { FileDescriptorSet, createDescriptorSet, proto3 } from '@bufbuild/protobuf';
import * as livekit from '@livekit/protocol';

const SCALARS = {
  1: 'double', 2: 'float', 3: 'int64', 4: 'uint64', 5: 'int32', 6: 'fixed64', 7: 'fixed32', 8: 'bool',
  9: 'string', 12: 'bytes', 13: 'uint32', 15: 'sfixed32', 16: 'sfixed64', 17: 'sint32', 18: 'sint64',
};

// One line per field or value, so that a difference reads like the .proto it came from.
function lineOf({ number, name, type, repeated, optional, oneof }) {
  const label = repeated ? 'repeated ' : optional ? 'optional ' : '';
  return `${label}${type} ${name} = ${number}${oneof ? ` (oneof ${oneof})` : ''}`;
}

function npmFieldType(field) {
  if (field.kind === 'map') {
    const value = field.V.kind === 'scalar' ? SCALARS[field.V.T] : field.V.T.typeName;
    return `map<${SCALARS[field.K]}, ${value}>`;
  }
  return field.kind === 'scalar' ? SCALARS[field.T] : field.T.typeName;
}

function npmTypes() {
  const types = new Map();
  for (const exported of Object.values(livekit)) {
    if (exported?.fields?.list) {
      types.set(exported.typeName, exported.fields.list().map((field) => lineOf({
        number: field.no,
        name: field.name,
        type: npmFieldType(field),
        repeated: field.repeated,
        optional: field.opt,
        oneof: field.opt ? undefined : field.oneof?.name,
      })));
      continue;
    }
    try {
      const type = proto3.getEnumType(exported);
      types.set(type.typeName, type.values.map((value) => `${value.name} = ${value.no}`));
    } catch {
      // Not a protobuf type: a helper of the package.
    }
  }
  return types;
}

function ourFieldType(field) {
  const plain = (part) =>
    part.scalar !== undefined ? SCALARS[part.scalar] : (part.enum ?? part.message).typeName;
  if (field.fieldKind === 'map') {
    return `map<${SCALARS[field.mapKey]}, ${plain(field.mapValue)}>`;
  }
  return plain(field);
}

function ourTypes(path) {
  const types = new Map();
  const set = createDescriptorSet(FileDescriptorSet.fromBinary(readFileSync(path)));
  for (const [name, message] of set.messages) {
    types.set(name, message.fields.map((field) => lineOf({
      number: field.number,
      name: field.name,
      type: ourFieldType(field),
      repeated: field.repeated,
      optional: field.optional,
      oneof: field.oneof?.name,
    })));
  }
  for (const [name, type] of set.enums) {
    types.set(name, type.values.map((value) => `${value.name} = ${value.number}`));
  }
  return types;
}

const expected = npmTypes();
const actual = ourTypes(process.argv[2]);
const differences = [];
let compared = 0;
for (const [name, lines] of actual) {
  if (!name.startsWith('livekit.')) {
    continue;
  }
  const wanted = expected.get(name);
  if (!wanted) {
    differences.push(`${name}: not in @livekit/protocol`);
    continue;
  }
  for (const line of lines.filter((line) => !wanted.includes(line))) {
    differences.push(`${name}: ours only: ${line}`);
  }
  for (const line of wanted.filter((line) => !lines.includes(line))) {
    differences.push(`${name}: missing: ${line}`);
  }
  compared += wanted.length;
}

// The files that must be whole: each type the package has of them must be one of ours.
const required = ['SignalRequest', 'SignalResponse', 'JoinRequest', 'WrappedJoinRequest', 'Room',
  'ParticipantInfo', 'TrackInfo', 'DataPacket', 'MetricsBatch', 'WebhookEvent', 'AgentDispatch', 'Job',
  'CreateRoomRequest', 'ListParticipantsResponse', 'PerformRpcRequest'];
for (const name of required.filter((name) => !actual.has(`livekit.${name}`))) {
  differences.push(`livekit.${name}: missing`);
}

differences.forEach((line) => console.log(line));
console.log(`${actual.size} types, ${compared} fields and values compared, ` +
  `${differences.length} differences`);
process.exit(differences.length === 0 && compared > 1000 ? 0 : 1);
