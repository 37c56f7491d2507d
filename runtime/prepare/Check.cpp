#include "prepare/Check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "data/Batches.h"
#include "data/Pairs.h"
#include "data/Parallel.h"
#include "data/ReaderTable.h"
#include "report/AtomicFile.h"
#include "report/Text.h"
#include "train/Program.h"

namespace nncc::prepare {

using report::count;
using train::DataParts;

namespace {

constexpr int shownPairs = 60;    // of each two parts
constexpr double unbalanced = 4;  // times the samples of the smallest class
constexpr size_t bins = 20;

std::string plural(int64_t number, const std::string &one, const std::string &many) {
  return count(number) + " " + (number == 1 ? one : many);
}

class Checker {
 public:
  Checker(const Samples &samples, int threads) : samples(samples), threads(threads) {
    result.model = samples.program().name;
    result.errors = samples.errors;
    result.warnings = samples.warnings;
    oneWord = samples.word().substr(0, samples.word().size() - 1);
  }

  CheckReport run() {
    for (const Part &part : samples.parts)
      if (!part.sameAs.empty())
        warn(part.name + ": its samples are those of " + part.sameAs + ": what is measured on them says nothing of " +
                 "samples that the training has not seen",
             part.sameAs == "train");
    classes();
    files();
    lengths();
    columns();
    duplicates();
    for (const Column &column : samples.inputs)
      if (column.isImage()) oddImages(column);
    return std::move(result);
  }

 private:
  void warn(std::string text, bool holds = true) {
    if (holds) result.warnings.push_back(std::move(text));
  }

  void classes() {
    for (int part = 0; part < static_cast<int>(samples.parts.size()); ++part) {
      const Part &read = samples.parts[part];
      if (read.classes.empty()) continue;
      std::vector<int64_t> counts(read.classes.size());
      int64_t outside = 0;
      SampleId first;
      for (int64_t i = 0; i < read.samples.size(); ++i) {
        int64_t label = samples.label({part, i});
        if (label >= 0 && label < static_cast<int64_t>(counts.size())) {
          ++counts[label];
        } else if (outside++ == 0) {
          first = {part, i};
        }
      }
      if (outside > 0)
        result.errors.push_back(read.name + ": " + plural(outside, "label is", "labels are") + " outside of 0 to " +
                                std::to_string(counts.size() - 1) + ", the first at " + samples.place(first));
      for (size_t label = 0; label < counts.size(); ++label) {
        warn(read.name + ": class '" + read.classes[label] + "' has no " + oneWord, counts[label] == 0);
        auto known = std::ranges::find(result.classes, read.classes[label],
                                       &std::pair<std::string, std::vector<int64_t>>::first);
        if (known == result.classes.end())
          known = result.classes.insert(known, {read.classes[label], std::vector<int64_t>(samples.parts.size(), -1)});
        known->second[part] = counts[label];
      }
      auto [least, most] = std::ranges::minmax_element(counts);
      bool holds = read.number == DataParts::Train && *least > 0 &&
                   static_cast<double>(*most) >= unbalanced * static_cast<double>(*least);
      warn(read.name + ": class '" + read.classes[most - counts.begin()] + "' has " +
               report::fixed(static_cast<double>(*most) / static_cast<double>(std::max<int64_t>(*least, 1)), 1) +
               " times as many " + samples.word() + " as '" + read.classes[least - counts.begin()] +
               "'; `class_weight` evens that out, and accuracy hides it",
           holds);
    }
  }

  // What is known of the files that the samples were in.
  void files() {
    std::vector<const data::Findings *> known;
    for (const Part &part : samples.parts) {
      const data::Findings *found = samples.findings(part);
      if (!found || std::ranges::find(known, found) != known.end()) continue;
      known.push_back(found);
      for (const auto &[size, seen] : found->sizes()) {
        data::Findings::Seen &all = result.sizes[size];
        all.first = all.count ? all.first : seen.first;
        all.count += seen.count;
      }
      for (const auto &[file, format] : found->misnamed())
        warn(part.name + ": " + file + ": is a " + format + " image, other than its name says");
      for (const auto &[column, lines] : found->missingCells()) {
        result.missing[column] += static_cast<int64_t>(lines.size());
        warn(part.name + ": column '" + column + "' has " +
             plural(static_cast<int64_t>(lines.size()), "empty cell", "empty cells") + ", the first in line " +
             std::to_string(*lines.begin()));
      }
    }
    sizes();
  }

  void sizes() {
    if (samples.inputs.empty() || !samples.inputs[0].isImage() || result.sizes.size() < 2) return;
    ImageForm form = formOf(samples.inputs[0].tensor);
    int64_t small = 0, stretched = 0;
    const data::SampleReader reader(samples.program().data.train);
    std::string fit = data::ReaderInput{reader, {}, {}}.option("fit");
    for (const auto &[size, seen] : result.sizes) {
      auto [width, height] = size;
      if (width < form.width && height < form.height) small += seen.count;
      double aspect = static_cast<double>(width) * form.height / (static_cast<double>(height) * form.width);
      if (std::max(aspect, 1 / aspect) > 1.5) stretched += seen.count;
    }
    warn(plural(small, "image file is", "image files are") +
             " smaller than the model's input in both directions: made "
             "larger, they hold no more than they did",
         small > 0);
    warn(plural(stretched, "image file has", "image files have") +
             " an aspect ratio more than 1.5 times another than the "
             "model's input and " +
             (stretched == 1 ? "is" : "are") + " stretched; `fit: crop` or `fit: pad` keeps shapes",
         stretched > 0 && (fit.empty() || fit == "stretch"));
  }

  void lengths() {
    if (samples.lengths < 0) return;
    int64_t steps = samples.inputs[0].tensor.shape[0];
    for (int part = 0; part < static_cast<int>(samples.parts.size()); ++part) {
      std::vector<int64_t> all;
      Lengths &facts = result.lengths.emplace_back();
      facts.histogram.assign(std::min<size_t>(bins, steps), 0);
      for (int64_t i = 0; i < samples.parts[part].samples.size(); ++i) {
        all.push_back(samples.length({part, i}));
        size_t bin = static_cast<size_t>((all.back() - 1) * static_cast<int64_t>(facts.histogram.size()) / steps);
        ++facts.histogram[std::min(bin, facts.histogram.size() - 1)];
      }
      if (all.empty()) continue;
      std::ranges::sort(all);
      facts.least = all.front();
      facts.median = all[all.size() / 2];
      facts.most = all.back();
      warn(samples.parts[part].name + ": half of the sequences have at most " + std::to_string(facts.median) +
               " of the input's " + std::to_string(steps) + " steps: `batch_by: length` saves the padding",
           samples.parts[part].number == DataParts::Train && facts.median * 2 < facts.most &&
               !data::groupingOf(samples.program().train.batches).byLength);
      warn(samples.parts[part].name + ": the longest sequence has " + std::to_string(facts.most) +
               " steps, the input room for " + std::to_string(steps),
           samples.parts[part].number == DataParts::Train && facts.most * 2 <= steps);
    }
  }

  void columns() {
    result.columns = columnFacts(samples);
    for (bool target : {false, true})
      for (const ColumnFacts &facts : target ? result.columns.targets : result.columns.inputs) {
        std::string name = "train: " + std::string(target ? "target '" : "column '") + facts.name + "' ";
        warn(name + "has " + plural(facts.notFinite, "value that is", "values that are") + " no finite number",
             facts.notFinite > 0);
        warn(name + "is always " + report::jsonNumber(facts.least) + ": it tells nothing", facts.isConstant());
        warn(name + "has " + plural(facts.outliers, "outlier", "outliers") + ", the farthest " +
                 report::jsonNumber(facts.farthestValue) + " at " + samples.place(facts.farthest) + " (mean " +
                 report::fixed(facts.mean, 3) + ", deviation " + report::fixed(facts.deviation, 3) + ")",
             facts.outliers > 0);
      }
    for (const Dependence &dependence : result.columns.dependences) {
      std::string from;
      for (size_t i = 0; i < dependence.from.size(); ++i)
        from += (i == 0                                                  ? "'"
                 : i + 1 == dependence.from.size() && !dependence.others ? " and '"
                                                                         : ", '") +
                dependence.from[i] + "'";
      if (dependence.others) from += " and " + std::to_string(dependence.others) + " others";
      warn("train: column '" + dependence.column + "' follows " +
           (dependence.rest < 1e-5 ? "" : "but for " + report::percent(dependence.rest) + " of its variance ") +
           "from " + from + " (collinear): one of them can be dropped");
    }
    for (const auto &[name, correlation] : result.columns.tellTargets)
      warn("train: column '" + name + "' is the target in other units (correlation " + report::fixed(correlation, 5) +
           "): is it known when one asks?");
  }

  // With those parts that have the same samples: "validation and test".
  std::string nameOf(int number) const {
    std::string name = samples.parts[number].name;
    for (const Part &part : samples.parts)
      if (part.sameAs == samples.parts[number].name) name += " and " + part.name;
    return name;
  }

  void duplicates() {
    result.duplicates = findDuplicates(samples, threads, shownPairs);
    for (bool isExact : {true, false})
      for (const auto &[parts, number] : isExact ? result.duplicates.exact : result.duplicates.near) {
        std::string first = nameOf(parts.first), second = nameOf(parts.second);
        auto example = std::ranges::find_if(result.duplicates.pairs, [&](const Duplicate &pair) {
          return pair.exact == isExact && pair.first.part == parts.first && pair.second.part == parts.second;
        });
        std::string likeness = " (likeness from " + report::fixed(result.duplicates.leastLikeness, 3) + " on)";
        std::string text = second + ": " + plural(number, oneWord + " is", samples.word() + " are") +
                           (isExact ? " the same as " : " nearly the same as ") +
                           (first == second ? "another of its own" : "one of " + first) +
                           (isExact ? "" : likeness);
        if (example != result.duplicates.pairs.end())
          text += ", such as " + samples.place(example->second) + " and " + samples.place(example->first);
        warn(text);
      }
    warn(plural(result.duplicates.differing, "pair of these is", "pairs of these are") +
             " of different classes: one of the labels is wrong, or the classes overlap",
         result.duplicates.differing > 0);
  }

  void oddImages(const Column &column) {
    int64_t bytes = column.elements();
    for (int part = 0; part < static_cast<int>(samples.parts.size()); ++part) {
      if (!samples.parts[part].sameAs.empty()) continue;
      int64_t size = samples.parts[part].samples.size();
      std::vector<double> means(size);
      std::vector<uint8_t> ranges(size);
      ImageForm form = formOf(column.tensor);
      data::parallelFor(size, threads,
                        [&] {
                          return [&](int64_t i) {
                            auto *pixels = reinterpret_cast<const uint8_t *>(samples.bytes({part, i}, column));
                            uint64_t sum = 0;
                            std::array<uint8_t, 3> least{255, 255, 255}, most{};
                            for (int64_t j = 0; j < bytes; j += form.channels)
                              for (int c = 0; c < form.channels; ++c) {
                                uint8_t value = pixels[j + c];
                                sum += value;
                                least[c] = std::min(least[c], value);
                                most[c] = std::max(most[c], value);
                              }
                            means[i] = static_cast<double>(sum) / static_cast<double>(bytes);
                            for (int c = 0; c < form.channels; ++c)
                              ranges[i] = std::max<uint8_t>(ranges[i], most[c] - least[c]);
                          };
                        },
                        {});
      std::vector<double> sorted = means;
      std::ranges::sort(sorted);
      if (sorted.empty()) continue;
      double low = sorted[sorted.size() / 4], high = sorted[sorted.size() * 3 / 4], reach = 3 * (high - low);
      int64_t plain = 0, odd = 0;
      for (int64_t i = 0; i < size; ++i) {
        if (ranges[i] <= 2) {
          ++plain;
          result.oddImages.push_back({{part, i}, "one plain area"});
        } else if (means[i] < low - reach || means[i] > high + reach) {
          ++odd;
          result.oddImages.push_back({{part, i},
                                      std::string(means[i] < low ? "very dark" : "very bright") + " (mean " +
                                          report::fixed(means[i], 0) + " of 255)"});
        }
      }
      const std::string &name = samples.parts[part].name;
      warn(name + ": " + plural(plain, oneWord + " is", samples.word() + " are") + " one plain area", plain > 0);
      warn(name + ": " + plural(odd, oneWord + " is", samples.word() + " are") +
               " much darker or brighter than the others",
           odd > 0);
    }
  }

  const Samples &samples;
  int threads;
  std::string oneWord;  // "image"
  CheckReport result;
};

}  // namespace

CheckReport checkSamples(const Samples &samples, int threads) { return Checker(samples, threads).run(); }

bool check(const Source &source, const std::filesystem::path &page) {
  report::Progress progress;
  Samples samples(source, progress);
  CheckReport found = checkSamples(samples, source.threads);
  std::string text = textOf(found, samples);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  if (!page.empty()) {
    report::AtomicFile file(page);
    file.write(pageOf(found, samples));
    file.commit();
    progress.line("Page: " + page.string());
  }
  return found.errors.empty();
}

}  // namespace nncc::prepare
