// benchmarks/dtw.cpp as its users call it.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <vector>

#include "TemporaryFolder.h"

namespace {

using Steps = std::vector<std::array<double, 3>>;

struct Sample {
  int label, group;
  Steps steps;
};

// By the definition, in double, without a bound.
double warped(const Steps &a, const Steps &b) {
  std::vector least(a.size() + 1, std::vector(b.size() + 1, std::numeric_limits<double>::infinity()));
  least[0][0] = 0;
  for (size_t i = 1; i <= a.size(); ++i)
    for (size_t j = 1; j <= b.size(); ++j) {
      double sum = 0;
      for (size_t k = 0; k < 3; ++k) sum += (a[i - 1][k] - b[j - 1][k]) * (a[i - 1][k] - b[j - 1][k]);
      least[i][j] = sum + std::min({least[i - 1][j - 1], least[i - 1][j], least[i][j - 1]});
    }
  return least[a.size()][b.size()];
}

// The lines that the program is to print.
std::string expected(const std::vector<Sample> &samples) {
  std::map<int, std::pair<int, int>> groups;
  for (const Sample &sample : samples) {
    double least = std::numeric_limits<double>::infinity();
    int label = 0;
    for (const Sample &other : samples) {
      if (other.group == sample.group) continue;
      double distance = warped(sample.steps, other.steps);
      if (distance >= least) continue;
      least = distance;
      label = other.label;
    }
    groups[sample.group].first += label == sample.label;
    ++groups[sample.group].second;
  }
  std::ostringstream lines;
  for (const auto &[group, counts] : groups) lines << group << " " << counts.first << " " << counts.second << "\n";
  return lines.str();
}

class Dtw : public testing::Test {
 protected:
  // Exit status; what was said is in the file `log`.
  int run(const std::string &options) {
    std::string command = std::string(NNCC_DTW) + " " + (folder / "samples.csv").string() + " " + options + " >" +
                          (folder / "log").string() + " 2>&1";
    int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string log() const { return TemporaryFolder::read(folder / "log"); }

  TemporaryFolder folder;
};

TEST_F(Dtw, FindsTheNearestOfOtherGroups) {
  // Curves of three classes at speeds of their own, 1 to 40 steps, with so much noise that some are mistaken.
  std::mt19937 random(7);
  std::vector<Sample> samples;
  std::ostringstream file;
  file << "# class,group,a,b,n, then the steps\n";
  for (int i = 0; i < 90; ++i) {
    Sample sample{i % 3, 1 + i / 3 % 3, Steps(i == 4 ? 1 : 10 + random() % 31)};
    file << sample.label << "," << sample.group << ",0," << i << "," << sample.steps.size();
    for (size_t t = 0; t < sample.steps.size(); ++t)
      for (int k = 0; k < 3; ++k) {
        float curve = std::sin((sample.label + 1) * (k + 1) * 3.0f * t / sample.steps.size());
        float value = curve + std::uniform_real_distribution<float>(-1.5, 1.5)(random);
        std::ostringstream text;
        text << value;
        sample.steps[t][k] = std::stof(text.str());
        file << "," << text.str();
      }
    file << "\n";
    samples.push_back(sample);
  }
  folder.write("samples.csv", file.str());
  std::string lines = expected(samples);
  ASSERT_EQ(run(""), 0) << log();
  EXPECT_EQ(log(), lines);
  ASSERT_EQ(run("--threads 3"), 0) << log();
  EXPECT_EQ(log(), lines);
  // Neither all right nor by chance: otherwise equal counts say little.
  int group, right, of;
  for (std::istringstream counts(lines); counts >> group >> right >> of;) {
    EXPECT_LT(right, of) << lines;
    EXPECT_GT(right, of / 2) << lines;
  }
}

TEST_F(Dtw, NamesMistakes) {
  auto says = [&](const std::string &file, const std::string &text) {
    folder.write("samples.csv", file);
    EXPECT_EQ(run(""), 1);
    EXPECT_NE(log().find(text), std::string::npos) << log();
  };
  says("#\n1,1,0,0,1,1,2,3\n1,2,0,0,2,1,2,3\n", "samples.csv:3: n is '2' with 3 values behind it");
  says("1,1,0,0,1,1,2,x\n", "samples.csv:1: 'x' is no number");
  says("1,1,0,0,1,1,2,3\n2,1,0,0,1,1,2,3\n", "samples.csv: all samples are of one group");
  says("", "samples.csv: all samples are of one group, or there is none");
  EXPECT_EQ(run("--threads none"), 2);
  EXPECT_EQ(run("--faster 1"), 2);
}

}  // namespace
