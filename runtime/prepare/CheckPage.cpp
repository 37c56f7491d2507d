// The report as a page for a browser.
#include <algorithm>

#include "prepare/CheckReport.h"
#include "prepare/Html.h"
#include "prepare/Tiles.h"
#include "report/Text.h"

namespace nncc::prepare {

using report::count;
using report::fixed;

namespace {

constexpr int tileSide = 96;
constexpr int64_t samplesOfClass = 8, shownClasses = 60, samplesWithoutClass = 48;
constexpr size_t shownOdd = 60;

constexpr const char *style = R"(
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff;
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem }
h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #ddd; padding-bottom: .2rem }
table { border-collapse: collapse }
td, th { padding: .15rem .7rem .15rem 0; text-align: left; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
img { display: block; image-rendering: pixelated; background: #eee }
figure { display: inline-block; margin: .25rem; vertical-align: top; max-width: 14rem }
figcaption { font-size: .75rem; color: #555; overflow-wrap: anywhere }
.pair { display: inline-flex; gap: .3rem; border: 1px solid #ddd; border-radius: 4px; padding: .3rem;
  margin: .25rem; vertical-align: top }
.pair.differs { border-color: #b3261e; background: #fdf0ef }
.pair figure { margin: 0; max-width: 9rem }
.bar { display: inline-block; height: .8em; background: #4878a8 }
.bins { display: flex; align-items: flex-end; gap: 1px; height: 2.2rem }
.bins i { width: 5px; background: #4878a8; min-height: 1px }
.row { display: flex; flex-wrap: wrap; gap: .25rem; margin: .2rem 0 .8rem }
li { overflow-wrap: anywhere }
.error { color: #b3261e }
.warning { color: #8a5a00 }
)";

std::string cell(const std::string &text, bool number = false) {
  return std::string(number ? "<td class=n>" : "<td>") + escaped(text) + "</td>";
}

std::string list(const std::vector<std::string> &texts, const char *kind) {
  std::string html;
  for (const std::string &text : texts) html += std::string("<li class=") + kind + ">" + escaped(text) + "</li>\n";
  return html.empty() ? html : "<ul>\n" + html + "</ul>\n";
}

std::string bins(const std::vector<int64_t> &histogram, const std::string &title) {
  int64_t most = std::max<int64_t>(1, histogram.empty() ? 1 : std::ranges::max(histogram));
  std::string html = "<div class=bins title=\"" + escaped(title) + "\">";
  for (int64_t number : histogram)
    html +=
        "<i style=\"height:" + fixed(100.0 * static_cast<double>(number) / static_cast<double>(most), 0) + "%\"></i>";
  return html + "</div>";
}

class Page {
 public:
  Page(const CheckReport &report, const Samples &samples) : report(report), samples(samples) {
    for (const Column &column : samples.inputs)
      if (!shown && hasTile(column.tensor)) shown = &column;
  }

  std::string text() const {
    return "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n"
           "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src data:; "
           "style-src 'unsafe-inline'\">\n"
           "<title>Data of " +
           escaped(report.model) + "</title>\n<style>" + style + "</style>\n<h1>Data of " + escaped(report.model) +
           "</h1>\n" + parts() + section("What would end a training", list(report.errors, "error")) +
           section("What a training would not notice", list(report.warnings, "warning")) +
           section("Classes", classes()) + section("Files that are not alike in size", sizes()) +
           section("Lengths of sequences", lengths()) + section("Columns", columns()) +
           section("Samples that are there twice", pairs()) + section("Images unlike the others", odd()) +
           section("Samples", tiles()) + "</html>\n";
  }

 private:
  static std::string section(const char *title, const std::string &content) {
    return content.empty() ? content : "<h2>" + std::string(title) + "</h2>\n" + content;
  }

  std::string parts() const {
    std::string html = "<table><tr><th>part<th class=n>" + samples.word() + "<th>read from</tr>\n";
    for (const Part &part : samples.parts)
      html +=
          "<tr>" + cell(part.name) + cell(count(part.samples.size()), true) + cell(part.samples.source()) + "</tr>\n";
    return html + "</table>\n";
  }

  std::string classes() const {
    if (report.classes.empty()) return {};
    std::string html = "<table><tr><th>class";
    std::vector<int64_t> most;
    for (size_t part = 0; part < samples.parts.size(); ++part) {
      html += "<th class=n>" + samples.parts[part].name + "<th>";
      most.push_back(1);
      for (const auto &[name, counts] : report.classes) most[part] = std::max(most[part], counts[part]);
    }
    html += "</tr>\n";
    for (const auto &[name, counts] : report.classes) {
      html += "<tr>" + cell(name);
      for (size_t part = 0; part < samples.parts.size(); ++part) {
        int64_t number = std::max<int64_t>(0, counts[part]);
        html += cell(counts[part] < 0 ? "" : count(number), true) + "<td><span class=bar style=\"width:" +
                fixed(12.0 * static_cast<double>(number) / static_cast<double>(most[part]), 2) + "rem\"></span></td>";
      }
      html += "</tr>\n";
    }
    return html + "</table>\n";
  }

  std::string sizes() const {
    if (report.sizes.size() < 2) return {};
    std::string html = "<table><tr><th>width x height<th class=n>files<th>the first</tr>\n";
    for (const auto &[size, seen] : report.sizes)
      html += "<tr>" + cell(std::to_string(size.first) + " x " + std::to_string(size.second)) +
              cell(count(seen.count), true) + cell(seen.first) + "</tr>\n";
    return html + "</table>\n";
  }

  std::string lengths() const {
    std::string html;
    for (size_t part = 0; part < report.lengths.size(); ++part) {
      const Lengths &facts = report.lengths[part];
      html += "<tr>" + cell(samples.parts[part].name) + cell(count(facts.least), true) +
              cell(count(facts.median), true) + cell(count(facts.most), true) + "<td>" +
              bins(facts.histogram, "from 1 to the input's steps") + "</td></tr>\n";
    }
    return html.empty() ? html
                        : "<table><tr><th>part<th class=n>least<th class=n>median<th class=n>most<th></tr>\n" + html +
                              "</table>\n";
  }

  std::string columns() const {
    std::string html;
    for (bool target : {false, true})
      for (const ColumnFacts &facts : target ? report.columns.targets : report.columns.inputs) {
        auto missing = report.missing.find(facts.name);
        html += "<tr>" + cell(facts.name + (target ? " (target)" : "")) + cell(fixed(facts.mean, 3), true) +
                cell(fixed(facts.deviation, 3), true) + cell(fixed(facts.least, 3), true) +
                cell(fixed(facts.most, 3), true) +
                cell(count(missing == report.missing.end() ? 0 : missing->second), true) +
                cell(count(facts.outliers), true) + "<td>" + bins(facts.histogram, "from the least to the most") +
                "</td></tr>\n";
      }
    if (html.empty()) return html;
    if (!report.columns.note.empty()) html += "<tr><td colspan=8>" + escaped(report.columns.note) + "</td></tr>\n";
    return "<table><tr><th>column (train)<th class=n>mean<th class=n>deviation<th class=n>least<th class=n>most"
           "<th class=n>empty"
           "<th class=n>outliers<th></tr>\n" +
           html + "</table>\n";
  }

  std::string figure(SampleId id) const {
    std::string place = samples.place(id), caption;
    if (samples.label(id) >= 0) caption = samples.className(id) + " · ";
    std::string picture;
    if (shown) {
      int64_t steps = samples.lengths >= 0 ? samples.length(id) : shown->tensor.shape[0];
      picture = inlineImage(tileOf(shown->tensor, samples.bytes(id, *shown), steps, tileSide), place);
    }
    return "<figure>" + picture + "<figcaption>" + escaped(caption + place) + "</figcaption></figure>";
  }

  std::string pairs() const {
    std::string html;
    for (const Duplicate &pair : report.duplicates.pairs)
      html += std::string("<div class=\"pair") + (pair.differs ? " differs" : "") + "\" title=\"" +
              (pair.exact ? "the same" : "likeness " + fixed(pair.likeness, 3)) + "\">" + figure(pair.first) +
              figure(pair.second) + "</div>\n";
    if (report.duplicates.differing) html = "<p>Pairs of different classes have a red frame.</p>\n" + html;
    return html;
  }

  std::string odd() const {
    std::string html;
    for (size_t i = 0; i < std::min(shownOdd, report.oddImages.size()); ++i)
      html += "<div class=pair title=\"" + escaped(report.oddImages[i].what) + "\">" +
              figure(report.oddImages[i].id) + "</div>\n";
    return html;
  }

  // Of each class the first ones, or some of all.
  std::string tiles() const {
    if (!shown || samples.parts.empty()) return {};
    const data::Dataset &train = samples.parts[0].samples;
    std::string html;
    const std::vector<std::string> &classes = samples.parts[0].classes;
    if (classes.empty()) {
      int64_t number = std::min(samplesWithoutClass, train.size());
      for (int64_t i = 0; i < number; ++i) html += figure({0, i * train.size() / number});
      return "<div class=row>" + html + "</div>\n";
    }
    std::vector<std::vector<int64_t>> firsts(std::min<size_t>(classes.size(), shownClasses));
    for (int64_t i = 0; i < train.size(); ++i) {
      int64_t label = samples.label({0, i});
      if (label >= 0 && label < static_cast<int64_t>(firsts.size()) && std::ssize(firsts[label]) < samplesOfClass)
        firsts[label].push_back(i);
    }
    for (size_t label = 0; label < firsts.size(); ++label) {
      html += "<div>" + escaped(classes[label]) + "</div><div class=row>";
      for (int64_t i : firsts[label]) html += figure({0, i});
      html += "</div>\n";
    }
    return html;
  }

  const CheckReport &report;
  const Samples &samples;
  const Column *shown = nullptr;  // the input that has a picture
};

}  // namespace

std::string pageOf(const CheckReport &report, const Samples &samples) { return Page(report, samples).text(); }

}  // namespace nncc::prepare
