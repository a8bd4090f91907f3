#include "controller/api/proto_json.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <vector>

#include <absl/strings/escaping.h>
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/reflection.h>
#include <google/protobuf/util/json_util.h>

namespace sfu::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void Write(const Message& message) {
    // Timestamps, durations and their like have forms of their own.
    if (message.GetDescriptor()->full_name().starts_with("google.protobuf.")) {
      std::string text;
      if (google::protobuf::util::MessageToJsonString(message, &text).ok()) {
        out_ += text;
      } else {
        out_ += "null";
      }
      return;
    }
    const Reflection& reflection = *message.GetReflection();
    out_ += '{';
    bool first = true;
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      const bool set = !field.is_repeated() && reflection.HasField(message, &field);
      if (field.containing_oneof() != nullptr && !set) {
        continue;
      }
      if (!first) {
        out_ += ',';
      }
      first = false;
      WriteText(field.name());
      out_ += ':';
      WriteField(message, reflection, field, set);
    }
    out_ += '}';
  }

 private:
  void WriteField(const Message& message, const Reflection& reflection,
                  const FieldDescriptor& field, bool set) {
    if (field.is_map()) {
      WriteMap(message, reflection, field);
    } else if (field.is_repeated()) {
      out_ += '[';
      for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
        if (i > 0) {
          out_ += ',';
        }
        WriteValue(message, reflection, field, i);
      }
      out_ += ']';
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !set) {
      out_ += "null";
    } else {
      WriteValue(message, reflection, field, -1);
    }
  }

  // Sorted by name, so that equal messages print alike.
  void WriteMap(const Message& message, const Reflection& reflection,
                const FieldDescriptor& field) {
    const FieldDescriptor& key = *field.message_type()->map_key();
    const FieldDescriptor& value = *field.message_type()->map_value();
    std::map<std::string, const Message*> entries;
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      std::string name;
      Writer(name).WriteValue(entry, *entry.GetReflection(), key, -1);
      if (!name.starts_with('"')) {
        name = fmt::format("\"{}\"", name);
      }
      entries[name] = &entry;
    }
    out_ += '{';
    bool first = true;
    for (const auto& [name, entry] : entries) {
      fmt::format_to(std::back_inserter(out_), "{}{}:", first ? "" : ",", name);
      first = false;
      WriteValue(*entry, *entry->GetReflection(), value, -1);
    }
    out_ += '}';
  }

  // `index` is that of a repeated field's element, or -1.
  void WriteValue(const Message& message, const Reflection& reflection,
                  const FieldDescriptor& field, int index) {
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        WriteNumber(one ? reflection.GetInt32(message, &field)
                        : reflection.GetRepeatedInt32(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        WriteNumber(one ? reflection.GetUInt32(message, &field)
                        : reflection.GetRepeatedUInt32(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        WriteQuoted(one ? reflection.GetInt64(message, &field)
                        : reflection.GetRepeatedInt64(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        WriteQuoted(one ? reflection.GetUInt64(message, &field)
                        : reflection.GetRepeatedUInt64(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        WriteReal(one ? reflection.GetFloat(message, &field)
                      : reflection.GetRepeatedFloat(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        WriteReal(one ? reflection.GetDouble(message, &field)
                      : reflection.GetRepeatedDouble(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        out_ += (one ? reflection.GetBool(message, &field)
                     : reflection.GetRepeatedBool(message, &field, index))
                    ? "true"
                    : "false";
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        WriteEnum(field, one ? reflection.GetEnumValue(message, &field)
                             : reflection.GetRepeatedEnumValue(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = one ? reflection.GetString(message, &field)
                                     : reflection.GetRepeatedString(message, &field, index);
        WriteText(field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text);
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Write(one ? reflection.GetMessage(message, &field)
                  : reflection.GetRepeatedMessage(message, &field, index));
        break;
    }
  }

  template <typename Number>
  void WriteNumber(Number number) {
    fmt::format_to(std::back_inserter(out_), "{}", number);
  }
  template <typename Number>
  void WriteQuoted(Number number) {
    fmt::format_to(std::back_inserter(out_), "\"{}\"", number);
  }
  template <typename Real>
  void WriteReal(Real real) {
    if (std::isfinite(real)) {
      WriteNumber(real);
    } else {
      out_ += std::isnan(real) ? "\"NaN\"" : real > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    }
  }

  void WriteEnum(const FieldDescriptor& field, int number) {
    const auto* value = field.enum_type()->FindValueByNumber(number);
    if (value == nullptr) {
      WriteNumber(number);  // From a newer peer.
    } else {
      WriteText(value->name());
    }
  }

  // RFC 8259 §7.
  void WriteText(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned char>(c));
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  std::string& out_;
};

}  // namespace

std::string ToProtoJson(const Message& message) {
  std::string json;
  Writer(json).Write(message);
  return json;
}

bool FromProtoJson(std::string_view json, Message& message) {
  message.Clear();
  if (json.empty()) {
    return true;
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  return google::protobuf::util::JsonStringToMessage(
             google::protobuf::StringPiece(json.data(), json.size()), &message, options)
      .ok();
}

}  // namespace sfu::api
