#include "report/Plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <sstream>

#include "../data/TemporaryFolder.h"

using namespace nncc::report;

namespace {

Plot plotOf(std::vector<double> training, std::vector<double> validation) {
  Plot plot{"cifar10", "epoch", {{"accuracy", {{"training", {}}, {"validation", {}}}}}};
  auto fill = [](Curve &curve, const std::vector<double> &values) {
    for (size_t i = 0; i < values.size(); ++i)
      curve.points.push_back({static_cast<double>(i + 1), values[i]});
  };
  fill(plot.panels[0].curves[0], training);
  fill(plot.panels[0].curves[1], validation);
  return plot;
}

int occurrences(const std::string &svg, const std::string &text) {
  int count = 0;
  for (size_t i = svg.find(text); i != svg.npos; i = svg.find(text, i + 1)) ++count;
  return count;
}

// The coordinates of every line of more than one point: x, y, x, y, ...
std::vector<std::vector<double>> polylines(const std::string &svg) {
  std::vector<std::vector<double>> result;
  for (size_t i = svg.find("<polyline"); i != svg.npos; i = svg.find("<polyline", i + 1)) {
    size_t begin = svg.find(" points=\"", i) + 9, end = svg.find('"', begin);
    std::string text = svg.substr(begin, end - begin);
    std::replace(text.begin(), text.end(), ',', ' ');
    std::istringstream stream(text);
    result.emplace_back(std::istream_iterator<double>(stream), std::istream_iterator<double>());
  }
  return result;
}

// Every element is closed, nothing is drawn at "nan" or "inf", coordinates are in the picture.
void expectSound(const std::string &svg) {
  EXPECT_EQ(svg.rfind("<svg ", 0), 0u);
  EXPECT_EQ(svg.substr(svg.size() - 7), "</svg>\n");
  EXPECT_EQ(occurrences(svg, "<text "), occurrences(svg, "</text>"));
  EXPECT_EQ(occurrences(svg, "<line ") + occurrences(svg, "<circle ") +
                occurrences(svg, "<polyline ") + occurrences(svg, "<rect "),
            occurrences(svg, "/>"));
  for (const char *bad : {"\"nan", "\"inf", "\"-", " nan", ",nan", " inf", ",inf", ",-"})
    EXPECT_EQ(occurrences(svg, bad), 0) << bad;
  EXPECT_LT(svg.size(), 100000u);
}

TEST(Plot, DrawsCurvesTicksLegendAndTitles) {
  std::string svg = renderSvg(plotOf({0.42, 0.55, 0.63, 0.71}, {0.5, 0.58, 0.62, 0.64}));
  expectSound(svg);
  EXPECT_EQ(occurrences(svg, "<polyline"), 2);
  EXPECT_EQ(occurrences(svg, "<circle"), 8);
  for (const char *text : {">cifar10<", ">accuracy<", ">epoch<", ">training 0.7100<",
                           ">validation 0.6400<", ">0.40<", ">0.75<", ">1<", ">4<"})
    EXPECT_EQ(occurrences(svg, text), 1) << text;
}

TEST(Plot, LinesGoWhereTheValuesAre) {
  std::string svg = renderSvg(plotOf({0, 1, 0.5}, {}));
  auto lines = polylines(svg);
  ASSERT_EQ(lines.size(), 1u);
  auto line = lines[0];
  ASSERT_EQ(line.size(), 6u);
  EXPECT_LT(line[0], line[2]);
  EXPECT_NEAR(line[2] - line[0], line[4] - line[2], 0.11);
  EXPECT_GT(line[1], line[3]);  // larger values stand higher
  EXPECT_NEAR(line[5], (line[1] + line[3]) / 2, 0.11);
}

TEST(Plot, SeveralPanelsStandSideBySide) {
  Plot plot = plotOf({1, 2}, {2, 3});
  plot.panels.push_back({"loss", plot.panels[0].curves});
  std::string svg = renderSvg(plot);
  expectSound(svg);
  auto lines = polylines(svg);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_GT(lines[2][0], lines[0][2]);
  EXPECT_EQ(occurrences(svg, ">epoch<"), 2);
}

TEST(Plot, MissingValuesBreakTheLine) {
  double nan = std::nan(""), infinity = HUGE_VAL;
  std::string svg = renderSvg(plotOf({1, 2, nan, 3, 4, infinity, 5}, {}));
  expectSound(svg);
  EXPECT_EQ(occurrences(svg, "<polyline"), 2);
  EXPECT_EQ(occurrences(svg, "<circle"), 5);
}

TEST(Plot, OddInputs) {
  double nan = std::nan("");
  for (const Plot &plot :
       {plotOf({}, {}), plotOf({nan}, {nan, nan}), plotOf({0.5}, {}), plotOf({0, 0, 0}, {}),
        plotOf({1e20, 1e20 + 16384}, {}), plotOf({-1e299, 1e299}, {}), plotOf({5e-324, 0}, {}),
        plotOf({1e-12, 2e-12}, {}), plotOf({3e9, 4e9}, {}), plotOf({-3, -2, -7}, {}),
        plotOf(std::vector<double>(1000, 1), {1, 2}), Plot{"", "", {}}})
    expectSound(renderSvg(plot));
  EXPECT_EQ(occurrences(renderSvg(plotOf({nan}, {})), ">nothing to show yet<"), 1);
}

TEST(Plot, TextIsEscaped) {
  Plot plot = plotOf({1, 2}, {});
  plot.title = "a <b> & \"c\"\x01";
  EXPECT_EQ(occurrences(renderSvg(plot), ">a &lt;b&gt; &amp; &quot;c&quot; <"), 1);
}

TEST(Plot, IsWrittenWhole) {
  TemporaryFolder folder;
  Plot plot = plotOf({1, 2}, {});
  folder.write("curve.svg", "old");
  writeSvg(folder / "curve.svg", plot);
  EXPECT_EQ(folder.read(folder / "curve.svg"), renderSvg(plot));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path), {}), 1);
}

}  // namespace
