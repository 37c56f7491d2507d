// Distances between words, numbers as users write them, quotes for messages.
#include "frontend/Text.h"
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>

using namespace nncc::frontend;
using llvm::StringRef;

namespace {

TEST(EditDistance, CountsSingleChanges) {
  EXPECT_EQ(editDistance("", ""), 0u);
  EXPECT_EQ(editDistance("", "abc"), 3u);
  EXPECT_EQ(editDistance("abc", ""), 3u);
  EXPECT_EQ(editDistance("filter", "filters"), 1u);
  EXPECT_EQ(editDistance("filtesr", "filters"), 1u) << "neighbours exchanged";
  EXPECT_EQ(editDistance("fitlesr", "filters"), 2u);
  EXPECT_EQ(editDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(editDistance("Conv2D", "conv2d"), 0u) << "capitals don't count";
}

TEST(EditDistance, IsSymmetric) {
  const StringRef words[] = {"", "a", "dense", "sense", "esnde", "max_pool2d", "maxpool", "units"};
  for (StringRef left : words)
    for (StringRef right : words) EXPECT_EQ(editDistance(left, right), editDistance(right, left));
}

TEST(Nearest, FindsWhatWasMeant) {
  const StringRef known[] = {"conv2d", "dense", "flatten", "max_pool2d"};
  EXPECT_EQ(nearest("conv2", known), "conv2d");
  EXPECT_EQ(nearest("Dence", known), "dense");
  EXPECT_EQ(nearest("maxpool", known), "max_pool2d");
  EXPECT_EQ(nearest("MaxPool2D", known), "max_pool2d");
  EXPECT_EQ(nearest("flat", known), "flatten");
  EXPECT_EQ(nearest("lstm", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest("x", known), "");
  EXPECT_EQ(nearest("conv2d", {}), "");
  EXPECT_EQ(nearest(std::string(100000, 'd'), known), "") << "texts resemble no word";
}

TEST(Nearest, PrefersTheSmallerDistance) {
  const StringRef known[] = {"he_normal", "he_uniform", "lecun_normal"};
  EXPECT_EQ(nearest("he_unifrm", known), "he_uniform");
  EXPECT_EQ(nearest("le_normal", known), "he_normal");
}

TEST(ParseInteger, TakesDecimalDigits) {
  EXPECT_EQ(parseInteger("32"), 32);
  EXPECT_EQ(parseInteger("+32"), 32);
  EXPECT_EQ(parseInteger("-7"), -7);
  EXPECT_EQ(parseInteger("007"), 7);
  for (const char *text : {"", "-", "+", "+-1", "2.5", "1e3", "0x20", "1_000", " 1", "1 ", "one", "1/1"})
    EXPECT_EQ(parseInteger(text), std::nullopt) << text;
}

TEST(ParseInteger, KeepsToItsBounds) {
  EXPECT_EQ(parseInteger("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(parseInteger("9223372036854775808"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(parseInteger("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(parseInteger("-" + std::string(1000, '9')), std::numeric_limits<int64_t>::min());
}

TEST(ParseNumber, TakesDecimalsAndFractions) {
  EXPECT_EQ(parseNumber("0.001"), 0.001);
  EXPECT_EQ(parseNumber("1e-7"), 1e-7);
  EXPECT_EQ(parseNumber("1E+2"), 100);
  EXPECT_EQ(parseNumber(".5"), 0.5);
  EXPECT_EQ(parseNumber("5."), 5);
  EXPECT_EQ(parseNumber("-3"), -3);
  EXPECT_EQ(parseNumber("+3"), 3);
  EXPECT_EQ(parseNumber("1/255"), 1.0 / 255);
  EXPECT_EQ(parseNumber("1 / 127.5"), 1 / 127.5);
  EXPECT_EQ(parseNumber("-1/4"), -0.25);
  EXPECT_EQ(parseNumber("1/-4"), -0.25);
}

TEST(ParseNumber, RefusesTheRest) {
  for (const char *text : {"", ".", "-", "+-1", "--1", "nan", ".nan", "inf", "-inf", ".inf", "0x10", "1e", "1e999", "1,5",
                           "1/0", "1/0.0", "1/", "/2", "1/2/3", "1//2", "1e308/1e-308", "abc", "1 2", "1e-7x"})
    EXPECT_EQ(parseNumber(text), std::nullopt) << text;
}

TEST(FormatNumber, IsShortAndExact) {
  EXPECT_EQ(formatNumber(65536), "65536");
  EXPECT_EQ(formatNumber(-1), "-1");
  EXPECT_EQ(formatNumber(0.1), "0.1");
  EXPECT_EQ(formatNumber(1e-7), "1e-07");
  EXPECT_EQ(formatNumber(1e300), "1e+300");
  for (double value : {1.0 / 3, 1.0 / 255, 1e-300, 123456789.125}) EXPECT_EQ(parseNumber(formatNumber(value)), value);
}

TEST(Quote, ShortensAndEscapes) {
  EXPECT_EQ(quote("abc"), "'abc'");
  EXPECT_EQ(quote(""), "''");
  EXPECT_EQ(quote("a\nb\t\x01"), "'a\\nb\\t\\x01'");
  EXPECT_EQ(quote(std::string(48, 'a')), "'" + std::string(48, 'a') + "'");
  EXPECT_EQ(quote(std::string(49, 'a')), "'" + std::string(48, 'a') + "...'");
  EXPECT_EQ(quote(std::string(47, 'a') + "\xc3\xa9"), "'" + std::string(47, 'a') + "...'")
      << "a character is kept whole or left out";
}

TEST(IsName, SeparatesNamesFromOtherWords) {
  for (const char *name : {"a", "conv2d_1", "3d", "_x", "a-b", "A"}) EXPECT_TRUE(isName(name, false)) << name;
  for (const char *name : {"", "a.b", "a b", "-a", "a/b", "\xc3\xa9", "a\n"}) EXPECT_FALSE(isName(name, false)) << name;
  EXPECT_TRUE(isName("a.b", true));
  EXPECT_FALSE(isName(".a", true));
  EXPECT_TRUE(isName(std::string(100, 'a'), false));
  EXPECT_FALSE(isName(std::string(101, 'a'), false));
}

TEST(ShapeText, LooksLikeAListInYaml) {
  EXPECT_EQ(shapeText({32, 32, 3}), "[32, 32, 3]");
  EXPECT_EQ(shapeText({}), "[]");
}

} // namespace
