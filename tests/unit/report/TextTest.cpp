#include "report/Text.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>

using namespace nncc::report;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(Text, JsonNumbersAreShortestAndReadBack) {
  EXPECT_EQ(jsonNumber(0.1), "0.1");
  EXPECT_EQ(jsonNumber(2.0), "2");
  EXPECT_EQ(jsonNumber(-0.0), "-0");
  EXPECT_EQ(jsonNumber(1e300), "1e+300");
  EXPECT_EQ(jsonNumber(0.1f), "0.1");
  EXPECT_EQ(jsonNumber(static_cast<double>(0.1f)), "0.10000000149011612");
  for (double value : {2.302585092994046, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789.0}) {
    std::string text = jsonNumber(value);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    EXPECT_EQ(back, value) << text;
  }
}

TEST(Text, JsonHasNoNaN) {
  EXPECT_EQ(jsonNumber(std::nan("")), "null");
  EXPECT_EQ(jsonNumber(infinity), "null");
  EXPECT_EQ(jsonNumber(-infinity), "null");
  EXPECT_EQ(jsonNumber(std::numeric_limits<float>::infinity()), "null");
}

TEST(Text, JsonStrings) {
  EXPECT_EQ(jsonString("a b"), "\"a b\"");
  EXPECT_EQ(jsonString("\"\\\n\x01"), "\"\\\"\\\\\\u000a\\u0001\"");
  EXPECT_EQ(jsonString("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
            "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  // Lone bytes, a cut sequence, an overlong one, half of a surrogate pair.
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(jsonString("\xFFx\xC3"), "\"" + bad + "x" + bad + "\"");
  EXPECT_EQ(jsonString("\xC0\x80"), "\"" + bad + bad + "\"");
  EXPECT_EQ(jsonString("\xED\xA0\x80"), "\"" + bad + bad + bad + "\"");
}

TEST(Text, Counts) {
  EXPECT_EQ(count(0), "0");
  EXPECT_EQ(count(999), "999");
  EXPECT_EQ(count(1000), "1,000");
  EXPECT_EQ(count(79626), "79,626");
  EXPECT_EQ(count(123456789), "123,456,789");
  EXPECT_EQ(count(-1234), "-1,234");
  EXPECT_EQ(count(-123), "-123");
}

TEST(Text, ByteSizes) {
  EXPECT_EQ(byteSize(0), "0 B");
  EXPECT_EQ(byteSize(999), "999 B");
  EXPECT_EQ(byteSize(1000), "1.0 KB");
  EXPECT_EQ(byteSize(318504), "318.5 KB");
  EXPECT_EQ(byteSize(999960), "1.0 MB");
  EXPECT_EQ(byteSize(153600000), "153.6 MB");
  EXPECT_EQ(byteSize(7'000'000'000'000), "7.0 TB");
}

TEST(Text, Durations) {
  EXPECT_EQ(duration(0), "0.0 s");
  EXPECT_EQ(duration(8.26), "8.3 s");
  EXPECT_EQ(duration(9.96), "10 s");
  EXPECT_EQ(duration(59.9), "60 s");
  EXPECT_EQ(duration(59.96), "1:00");
  EXPECT_EQ(duration(125), "2:05");
  EXPECT_EQ(duration(3725), "1:02:05");
  EXPECT_EQ(duration(-1), "?");
  EXPECT_EQ(duration(std::nan("")), "?");
  EXPECT_EQ(duration(infinity), "?");
}

TEST(Text, FixedAndPercent) {
  EXPECT_EQ(fixed(0.61415, 3), "0.614");
  EXPECT_EQ(fixed(1e30, 1), "1000000000000000019884624838656.0");
  EXPECT_EQ(fixed(std::numeric_limits<double>::max(), 4).size(), 309u + 5);
  EXPECT_EQ(fixed(std::nan(""), 2), "nan");
  EXPECT_EQ(fixed(-infinity, 2), "-inf");
  EXPECT_EQ(percent(0.70118), "70.12%");
  EXPECT_EQ(percent(1), "100.00%");
}

}  // namespace
