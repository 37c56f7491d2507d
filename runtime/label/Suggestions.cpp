#include "label/Suggestions.h"

#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "error.h"

namespace nncc::label {

using nlohmann::json;

namespace {

// Few at first, so that the first guesses are there at once; then so many that starting the program counts little.
constexpr int64_t firstRun = 32, mostPerRun = 512;
// Images that the program is tried on until one can be read.
constexpr int64_t mostTries = 8;

std::vector<json> linesOf(const std::string &text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

// The last line of what a program complained.
std::string complaint(const Process::Outcome &outcome) {
  std::string text = outcome.errors;
  while (text.ends_with('\n')) text.pop_back();
  text = text.substr(text.rfind('\n') + 1);
  if (text.starts_with("error: ")) text.erase(0, 7);
  if (!text.empty()) return text;
  return WIFSIGNALED(outcome.status) ? "it was ended by signal " + std::to_string(WTERMSIG(outcome.status))
                                     : "it ended with status " + std::to_string(WEXITSTATUS(outcome.status));
}

bool succeeded(const Process::Outcome &outcome) {
  return WIFEXITED(outcome.status) && WEXITSTATUS(outcome.status) == 0;
}

}  // namespace

Suggestions::Suggestions(const SuggestionOptions &chosen, const ImageList &images, data::LabelForm form,
                         std::vector<std::string> names)
    : options(chosen), images(images), form(form), classes(std::move(names)) {
  std::error_code error;
  options.program = std::filesystem::canonical(chosen.program, error);
  if (error)
    throw UserError("--suggest " + chosen.program.string() + ": " + error.message() + "; expected a trained program");
  tryOut();
}

Suggestions::~Suggestions() { stop(); }

void Suggestions::stop() {
  {
    std::lock_guard lock(mutex);
    stopping = true;
  }
  process.stop();
  if (worker.joinable()) worker.join();
}

void Suggestions::tryOut() {
  std::string why;
  for (int64_t image = 0; image < std::min(mostTries, images.size()); ++image) {
    Process::Outcome outcome = predict(image, image + 1);
    std::string about = "--suggest " + options.program.string() + ": ";
    if (!succeeded(outcome)) {
      if (why.empty()) why = about + complaint(outcome);
      continue;
    }
    std::vector<std::string> known;
    try {
      for (const json &line : linesOf(outcome.output))
        for (const json &output : line.at("outputs"))
          if (output.contains("classes"))
            for (const auto &[name, probability] : output["classes"].items()) known.push_back(name);
    } catch (const json::exception &) {
      throw UserError(about + "'predict --json' printed no line of JSON; compile and train the model with this nncc");
    }
    for (const std::string &name : known)
      if (std::ranges::find(classes, name) == classes.end()) foreignClasses.push_back(name);
    if (!known.empty() && foreignClasses.size() < known.size()) return;
    std::string list;
    for (const std::string &name : known) list += (list.empty() ? "" : ", ") + name;
    throw UserError(about + (known.empty() ? "the model tells no classes apart"
                                           : "none of its classes (" + list + ") is among --classes"));
  }
  throw UserError(why);
}

Process::Outcome Suggestions::predict(int64_t begin, int64_t end) {
  std::vector<std::string> command{options.program.string(), "predict", "--json"};
  if (!options.weights.empty()) command.insert(command.end(), {"--weights", options.weights.string()});
  for (int64_t image = begin; image < end; ++image) command.push_back((images.folder() / images.name(image)).string());
  return process.run(command);
}

Guess Suggestions::read(const std::string &line, int64_t image) const {
  Guess guess{image};
  const json outputs = json::parse(line).at("outputs");
  for (const json &output : outputs) {
    if (output.contains("classes") && guess.classes.empty()) {
      for (const auto &[name, probability] : output["classes"].items()) {
        auto found = std::ranges::find(classes, name);
        if (found != classes.end()) guess.classes.emplace_back(found - classes.begin(), probability.get<double>());
      }
    } else if (output.contains("values") && output["values"].size() == 4 && form == data::LabelForm::Boxes &&
               !guess.box) {
      guess.box.emplace();
      for (size_t i = 0; i < 4; ++i) (*guess.box)[i] = output["values"][i].get<double>();
    }
  }
  std::ranges::stable_sort(guess.classes, std::greater(), [](const auto &one) { return one.second; });
  if (guess.classes.empty()) return guess;
  if (form == data::LabelForm::Classes) {
    guess.uncertainty = 0;
    for (const auto &[number, probability] : guess.classes)
      guess.uncertainty = std::max(guess.uncertainty, 1 - std::abs(2 * probability - 1));
  } else {
    double second = guess.classes.size() > 1 ? guess.classes[1].second : 0;
    guess.uncertainty = 1 - (guess.classes[0].second - second);
  }
  return guess;
}

// A run ends at a file that can't be read: halves tell which one.
void Suggestions::guess(int64_t begin, int64_t end) {
  {
    std::lock_guard lock(mutex);
    if (stopping) return;
  }
  Process::Outcome outcome = predict(begin, end);
  if (!succeeded(outcome)) {
    if (end - begin == 1) return;
    int64_t middle = begin + (end - begin) / 2;
    guess(begin, middle);
    guess(middle, end);
    return;
  }
  std::vector<Guess> found;
  std::istringstream lines(outcome.output);
  std::string line;
  for (int64_t image = begin; image < end && std::getline(lines, line); ++image) found.push_back(read(line, image));
  std::lock_guard lock(mutex);
  guesses.insert(guesses.end(), found.begin(), found.end());
}

void Suggestions::start() {
  worker = std::thread([this] { run(); });
}

void Suggestions::run() {
  try {
    for (int64_t begin = 0, count = firstRun; begin < images.size(); begin += count, count = mostPerRun)
      guess(begin, std::min(begin + count, images.size()));
  } catch (const std::exception &error) {
    std::lock_guard lock(mutex);
    if (!stopping) std::fprintf(stderr, "warning: no more suggestions: %s\n", error.what());
  }
  std::lock_guard lock(mutex);
  finished = true;
}

std::vector<Guess> Suggestions::from(size_t first, bool &done) const {
  std::lock_guard lock(mutex);
  done = finished;
  return {guesses.begin() + static_cast<std::ptrdiff_t>(std::min(first, guesses.size())), guesses.end()};
}

}  // namespace nncc::label
