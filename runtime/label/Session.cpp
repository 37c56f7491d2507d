#include "label/Session.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace nncc::label {

using nlohmann::json;

namespace {

// Names of files need not be UTF-8.
std::string textOf(const json &value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

[[noreturn]] void refuse(const std::string &what) { throw std::invalid_argument(what); }

const char *name(data::LabelForm form) {
  return form == data::LabelForm::Class ? "class" : form == data::LabelForm::Classes ? "classes" : "boxes";
}

data::ImageBox boxOf(const json &numbers) {
  if (numbers.size() != 4) refuse("a box is four numbers");
  data::ImageBox box{numbers[0], numbers[1], numbers[2], numbers[3]};
  if (!(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0))
    refuse("a box lies in its image and is not empty");
  return box;
}

Answer answerOf(const json &said, data::LabelForm form, const std::vector<std::string> &classes) {
  Answer answer;
  std::vector<size_t> numbers = said.at("classes").get<std::vector<size_t>>();
  // Several classes are written in their own order, whatever keys came first.
  if (form == data::LabelForm::Classes) std::ranges::sort(numbers);
  for (size_t number : numbers) {
    if (number >= classes.size()) refuse("there is no class " + std::to_string(number));
    answer.classes.push_back(classes[number]);
  }
  if (form == data::LabelForm::Class && numbers.size() != 1) refuse("an image has one class");
  if (form == data::LabelForm::Classes && std::set(numbers.begin(), numbers.end()).size() != numbers.size())
    refuse("a class is named twice");
  if (form != data::LabelForm::Boxes) return answer;
  for (const json &box : said.at("boxes")) answer.boxes.push_back(boxOf(box));
  if (answer.boxes.size() != answer.classes.size()) refuse("each box has one class");
  return answer;
}

}  // namespace

Session::Session(const ImageList &images, LabelFile &file, std::string fileName, data::LabelForm form,
                 std::vector<std::string> classes, const Suggestions *suggestions)
    : images(images),
      file(file),
      fileName(std::move(fileName)),
      form(form),
      classes(std::move(classes)),
      suggestions(suggestions) {}

std::string Session::state() const {
  json answers = json::object(), names = json::array();
  std::lock_guard lock(mutex);
  for (int64_t image = 0; image < images.size(); ++image) {
    names.push_back(images.name(image));
    const std::optional<Answer> &answer = file.answers()[image];
    if (!answer) continue;
    json said{{"classes", json::array()}};
    for (const std::string &each : answer->classes)
      said["classes"].push_back(std::ranges::find(classes, each) - classes.begin());
    if (form == data::LabelForm::Boxes) said["boxes"] = json::array();
    for (const data::ImageBox &box : answer->boxes) said["boxes"].push_back({box.x, box.y, box.width, box.height});
    answers[std::to_string(image)] = std::move(said);
  }
  return textOf({{"folder", images.folder().string()},
                 {"file", fileName},
                 {"form", name(form)},
                 {"classes", classes},
                 {"images", std::move(names)},
                 {"answers", std::move(answers)},
                 {"suggests", suggestions != nullptr}});
}

std::string Session::put(const std::string &request) {
  int64_t image = 0;
  std::optional<Answer> answer;
  try {
    json said = json::parse(request);
    image = said.at("image").get<int64_t>();
    if (!said.at("answer").is_null()) answer = answerOf(said["answer"], form, classes);
  } catch (const json::exception &error) {
    refuse(error.what());
  }
  if (image < 0 || image >= images.size()) refuse("there is no image " + std::to_string(image));
  std::lock_guard lock(mutex);
  file.put(image, std::move(answer));
  return textOf({{"labelled", file.labelled()}});
}

std::string Session::suggestionsFrom(size_t first) const {
  bool done = true;
  std::vector<Guess> found;
  if (suggestions) found = suggestions->from(first, done);
  json guesses = json::array();
  for (const Guess &guess : found)
    guesses.push_back({{"image", guess.image},
                       {"classes", guess.classes},
                       {"box", guess.box ? json(*guess.box) : json()},
                       {"uncertainty", guess.uncertainty}});
  return textOf({{"guesses", std::move(guesses)}, {"done", done}});
}

}  // namespace nncc::label
