// Classes that training never saw: enroll and forget.
#include "cli/Embedder.h"

#include <cstdio>

#include "cli/Commands.h"
#include "error.h"
#include "report/AtomicFile.h"
#include "report/Text.h"

namespace nncc::cli {

namespace {

std::string examplesText(int64_t count) {
  return std::to_string(count) + (count == 1 ? " example" : " examples");
}

void list(const train::References &references, const std::filesystem::path &path) {
  std::printf("%s:", path.c_str());
  const char *before = " ";
  for (const train::References::Class &each : references.classes()) {
    std::printf("%s%s (%s)", before, each.name.c_str(), examplesText(each.examples).c_str());
    before = ", ";
  }
  std::printf("%s\n", references.empty() ? " no classes" : "");
}

}  // namespace

void enroll(const NnccProgram &program, const EnrollOptions &options) {
  if (options.name.empty()) throw UserError("the class has no name; expected enroll NAME FILE...");
  std::unique_ptr<Embedder> embedder = makeEmbedder(program, options.weights, options.threads);
  train::References references = embedder->references(options.references);
  int64_t before = 0, after = 0;
  for (const auto &each : references.classes()) before += each.name == options.name ? each.examples : 0;
  embedder->embed(options.files, [&](const std::string &, std::span<const float> embedding) {
    references.add(options.name, embedding);
    ++after;
  });
  if (options.references.has_parent_path()) report::makeFolder(options.references.parent_path());
  references.save(options.references);
  std::printf("Enrolled %s of '%s'%s\n", examplesText(after).c_str(), options.name.c_str(),
              before ? (", which had " + examplesText(before)).c_str() : "");
  list(references, options.references);
}

void forget(const NnccProgram &program, const ForgetOptions &options) {
  std::unique_ptr<Embedder> embedder = makeEmbedder(program, options.weights, options.threads);
  train::References references = embedder->references(options.references);
  int64_t count = references.forget(options.name);
  if (count == 0) {
    std::string known;
    for (const auto &each : references.classes()) known += (known.empty() ? "" : ", ") + each.name;
    throw UserError("no class '" + options.name + "' is enrolled in '" + options.references.string() + "'; there " +
                    (known.empty() ? "are none" : "are " + known));
  }
  references.save(options.references);
  std::printf("Forgot %s of '%s'\n", examplesText(count).c_str(), options.name.c_str());
  list(references, options.references);
}

}  // namespace nncc::cli
