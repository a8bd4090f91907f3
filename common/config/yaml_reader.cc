#include "common/config/yaml_reader.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace sfu::config {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxValues = 10'000;

int LineOf(const YAML::Mark& mark) { return mark.is_null() ? 0 : mark.line + 1; }

// Copies yaml-cpp's tree into ours. The first problem met ends up in `problem`.
class Converter {
 public:
  YamlNode Convert(const YAML::Node& source, int depth) {
    YamlNode node;
    node.line = LineOf(source.Mark());
    if (depth > kMaxDepth || ++values_ > kMaxValues) {
      Fail(node.line, "the document is nested too deeply or too large");
      return node;
    }
    switch (source.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        node.kind = YamlNode::Kind::kScalar;
        node.text = source.Scalar();
        node.quoted = source.Tag() == "!";  // yaml-cpp's word for it; "?" is plain.
        break;
      case YAML::NodeType::Sequence:
        node.kind = YamlNode::Kind::kList;
        for (const YAML::Node& item : source) {
          node.items.push_back(Convert(item, depth + 1));
        }
        break;
      case YAML::NodeType::Map:
        ConvertMap(source, depth, node);
        break;
    }
    return node;
  }

  const std::optional<YamlProblem>& problem() const { return problem_; }

 private:
  void ConvertMap(const YAML::Node& source, int depth, YamlNode& node) {
    node.kind = YamlNode::Kind::kMap;
    for (const auto& entry : source) {
      const YAML::Node& key = entry.first;
      const int line = LineOf(key.Mark());
      if (!key.IsScalar()) {
        Fail(line, "a name must be plain text");
        return;
      }
      const std::string& name = key.Scalar();
      if (std::any_of(node.fields.begin(), node.fields.end(),
                      [&name](const auto& field) { return field.first == name; })) {
        Fail(line, fmt::format("\"{}\" is given twice", name));
        return;
      }
      YamlNode field = Convert(entry.second, depth + 1);
      if (field.kind != YamlNode::Kind::kScalar) {
        field.line = line;  // A block's own mark is the line below its name.
      }
      node.fields.emplace_back(name, std::move(field));
    }
  }

  void Fail(int line, std::string text) {
    if (!problem_) {
      problem_ = YamlProblem{.line = line, .text = std::move(text)};
    }
  }

  int values_ = 0;
  std::optional<YamlProblem> problem_;
};

}  // namespace

YamlNode YamlNode::Scalar(std::string_view text) {
  YamlNode node;
  node.kind = Kind::kScalar;
  node.text = std::string(text);
  return node;
}

Expected<YamlNode, YamlProblem> ReadYaml(std::string_view text) {
  try {
    const YAML::Node document = YAML::Load(std::string(text));
    Converter converter;
    YamlNode node = converter.Convert(document, 0);
    if (converter.problem()) {
      return Unexpected{*converter.problem()};
    }
    return node;
  } catch (const YAML::Exception& exception) {
    return Unexpected{YamlProblem{.line = LineOf(exception.mark), .text = exception.msg}};
  }
}

}  // namespace sfu::config
