#include "common/config/yaml_reader.h"

#include <string>

#include <gtest/gtest.h>

namespace sfu::config {
namespace {

TEST(YamlReaderTest, KeepsScalarsAsWrittenAndKnowsTheirLines) {
  const auto document = ReadYaml("port: 7880\nkeys:\n  key: 0123\nlist:\n  - a\n  - b\nempty:\n");
  ASSERT_TRUE(document.has_value());
  ASSERT_EQ(document->fields.size(), 4u);
  EXPECT_EQ(document->fields[0].first, "port");
  EXPECT_EQ(document->fields[0].second.line, 1);
  EXPECT_EQ(document->fields[1].second.line, 2);
  EXPECT_EQ(document->fields[1].second.fields[0].second.text, "0123");
  EXPECT_EQ(document->fields[1].second.fields[0].second.line, 3);
  EXPECT_EQ(document->fields[2].second.items[1].text, "b");
  EXPECT_EQ(document->fields[3].second.kind, YamlNode::Kind::kNull);
}

TEST(YamlReaderTest, AnEmptyDocumentIsNothing) {
  EXPECT_EQ(ReadYaml("# only a comment\n")->kind, YamlNode::Kind::kNull);
}

TEST(YamlReaderTest, RefusesANameGivenTwice) {
  const auto document = ReadYaml("port: 1\nregion: a\nport: 2\n");
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().line, 3);
}

TEST(YamlReaderTest, SaysWhereTheSyntaxBreaks) {
  const auto document = ReadYaml("port: 1\nrtc: {a: 1\n");
  ASSERT_FALSE(document.has_value());
  EXPECT_GT(document.error().line, 1);
  EXPECT_FALSE(document.error().text.empty());
}

TEST(YamlReaderTest, BoundsDepth) {
  EXPECT_FALSE(ReadYaml(std::string(100, '[') + std::string(100, ']')).has_value());
}

// Aliases repeat a value without repeating its text.
TEST(YamlReaderTest, BoundsWhatAliasesExpandTo) {
  std::string text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (char name = 'b'; name <= 'g'; ++name) {
    const std::string alias = std::string("*") + static_cast<char>(name - 1);
    text += std::string(1, name) + ": &" + name + " [";
    for (int i = 0; i < 10; ++i) {
      text += (i == 0 ? "" : ", ") + alias;
    }
    text += "]\n";
  }
  EXPECT_FALSE(ReadYaml(text).has_value());
}

}  // namespace
}  // namespace sfu::config
