// nncc-label, which `nncc data label` is: the command line, and what is printed.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "error.h"
#include "label/ImageList.h"
#include "label/LabelFile.h"
#include "label/Server.h"
#include "label/Session.h"
#include "label/Suggestions.h"
#include "report/Text.h"

namespace nncc::label {

namespace {

constexpr int kUserError = 1, kWrongUsage = 2;
constexpr size_t mostClasses = 1000;

struct Options {
  std::filesystem::path folder, out, program, weights;
  std::string classes;
  bool boxes = false, multiple = false;
  int port = 0;

  data::LabelForm form() const {
    return boxes ? data::LabelForm::Boxes : multiple ? data::LabelForm::Classes : data::LabelForm::Class;
  }
};

bool isText(const std::string &name) {
  // What a JSON string replaces is no UTF-8.
  return report::jsonString(name).find("\xEF\xBF\xBD") == std::string::npos &&
         std::ranges::none_of(name, [](unsigned char c) { return c < ' ' || c == 127; });
}

std::vector<std::string> classesOf(const Options &options) {
  std::vector<std::string> classes;
  for (const std::string &part : CLI::detail::split(options.classes, ',')) {
    std::string name = part;
    CLI::detail::trim(name);
    auto refuse = [&](const std::string &what) { throw UserError("--classes " + options.classes + ": " + what); };
    if (name.empty()) refuse("a name is empty; expected names with commas between, such as cat,dog");
    if (!isText(name)) refuse("a name holds what is no text; expected UTF-8 on one line");
    if (options.multiple && name.find(data::kClassSeparator) != name.npos)
      refuse("'" + name + "' holds a ';', which stands between the classes of an image; leave it out");
    if (std::ranges::find(classes, name) != classes.end()) refuse("'" + name + "' is there twice");
    classes.push_back(name);
  }
  if (classes.size() > mostClasses)
    throw UserError("--classes names more than " + report::count(mostClasses) + " classes");
  return classes;
}

// The signals that end the program, taken by waitForEnd() in place of any thread that comes after this.
sigset_t blockEnds() {
  sigset_t ends;
  sigemptyset(&ends);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, signal);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  // Where files may not grow a write is to say so.
  std::signal(SIGXFSZ, SIG_IGN);
  return ends;
}

void waitForEnd(const sigset_t &ends) {
  for (int signal; sigwait(&ends, &signal) != 0;) {
  }
}

[[noreturn]] void label(const Options &options) {
  sigset_t ends = blockEnds();
  std::vector<std::string> classes = classesOf(options);
  ImageList images(options.folder);
  std::filesystem::path out = options.out.empty() ? options.folder / "labels.csv" : options.out;
  LabelFile file(out, images, options.form(), classes);
  std::unique_ptr<Suggestions> suggestions;
  if (!options.program.empty()) {
    suggestions = std::make_unique<Suggestions>(SuggestionOptions{options.program, options.weights}, images,
                                                options.form(), classes);
    for (const std::string &name : suggestions->foreign())
      std::fprintf(stderr, "warning: the program's class '%s' is not among --classes; it is never suggested\n",
                   name.c_str());
  }
  Session session(images, file, out.string(), options.form(), classes, suggestions.get());
  Server server(session, options.port);
  if (suggestions) suggestions->start();
  std::thread([&] { server.run(); }).detach();

  if (file.wasCut()) std::printf("%s ended within a row, which was cut off: label that image again\n", out.c_str());
  if (images.linksOut())
    std::printf("passed over: %s links that lead out of the folder\n", report::count(images.linksOut()).c_str());
  std::printf(
      "%s images in %s, %s of them labelled in %s\nopen %s\nCtrl-C ends this; every label is on the disk at once\n",
      report::count(images.size()).c_str(), options.folder.c_str(), report::count(file.labelled()).c_str(), out.c_str(),
      server.address().c_str());
  std::fflush(stdout);
  waitForEnd(ends);
  if (suggestions) suggestions->stop();
  std::printf("%s of %s images are labelled in %s\n", report::count(file.labelled()).c_str(),
              report::count(images.size()).c_str(), out.c_str());
  std::fflush(stdout);
  // Nothing is left to be written, and connections that a browser keeps open would keep us for seconds.
  std::_Exit(0);
}

int fail(int status, std::string message) {
  std::ranges::replace(message, '\n', ' ');
  std::fprintf(stderr, "nncc: error: %s\n", message.c_str());
  return status;
}

}  // namespace

}  // namespace nncc::label

int main(int argc, char **argv) {
  using namespace nncc::label;
  Options options;
  CLI::App app("A page of this machine to label the images of a folder by key press.", "nncc data label");
  app.add_option("DIR", options.folder, "folder of images, and of folders of them")->required();
  app.add_option("--classes", options.classes, "their names, with commas between")->required();
  auto *boxes = app.add_flag("--boxes", options.boxes, "boxes, each of a class, instead of one class an image");
  app.add_flag("--multiple", options.multiple, "any number of classes an image")->excludes(boxes);
  app.add_option("--out", options.out, "the label file (default: DIR/labels.csv); if it is there, labelling goes on");
  auto *suggest = app.add_option("--suggest", options.program,
                                 "a trained program: its guesses are shown, and images it is unsure of come first");
  app.add_option("--weights", options.weights, "of that program, if not those that its predict takes")->needs(suggest);
  app.add_option("--port", options.port, "of 127.0.0.1 (default: a free one)")->check(CLI::Range(1, 65535));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError &error) {
    return fail(kWrongUsage, std::string(error.what()) + "; see 'nncc data label --help'");
  }
  try {
    label(options);
  } catch (const std::exception &error) {
    return fail(kUserError, error.what());
  }
}
