// What a trained program thinks of the images, found by `PROGRAM predict --json` beside the labelling.
#ifndef NNCC_LABEL_SUGGESTIONS_H
#define NNCC_LABEL_SUGGESTIONS_H

#include <array>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "data/ImageLabels.h"
#include "label/ImageList.h"
#include "label/Process.h"

namespace nncc::label {

struct Guess {
  int64_t image = 0;
  // Numbers of classes with their probabilities, best first.
  std::vector<std::pair<size_t, double>> classes = {};
  // x, y, width and height as shares of the image's width and height, where the model gives four numbers.
  std::optional<std::array<double, 4>> box = {};
  // From 0, sure, to 1: how near the second class is to the first, or, with several classes an image, the
  // least sure of them to one half.
  double uncertainty = 1;
};

struct SuggestionOptions {
  std::filesystem::path program;
  std::filesystem::path weights = {};  // empty: those that the program takes by itself
};

class Suggestions {
 public:
  // Tries the program on an image. Throws UserError if it fails, or knows none of `classes`.
  Suggestions(const SuggestionOptions &options, const ImageList &images, data::LabelForm form,
              std::vector<std::string> classes);
  ~Suggestions();
  Suggestions(const Suggestions &) = delete;
  Suggestions &operator=(const Suggestions &) = delete;

  // Classes of the program that are not among ours.
  const std::vector<std::string> &foreign() const { return foreignClasses; }
  void start();
  void stop();  // ends the program
  // From the `first` one on, in the order in which they were found; `done`: there will be no more.
  std::vector<Guess> from(size_t first, bool &done) const;

 private:
  Process::Outcome predict(int64_t begin, int64_t end);
  void guess(int64_t begin, int64_t end);
  Guess read(const std::string &line, int64_t image) const;
  void tryOut();
  void run();

  SuggestionOptions options;
  const ImageList &images;
  data::LabelForm form;
  std::vector<std::string> classes, foreignClasses;
  Process process;
  mutable std::mutex mutex;
  std::vector<Guess> guesses;
  bool finished = false, stopping = false;
  std::thread worker;
};

}  // namespace nncc::label

#endif  // NNCC_LABEL_SUGGESTIONS_H
