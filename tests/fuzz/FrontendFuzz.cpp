// Thousands of damaged models through the frontend, in this process: none may crash it, each
// failure comes with a located error, and each success is a program that verifies, prints and
// reads back. After a crash the case is still in the file whose name was printed first.
// NNCC_FUZZ_FIRST and NNCC_FUZZ_CASES choose other cases than the usual 12000.
#include "Mutator.h"
#include "frontend/Frontend.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "nlohmann/json.hpp"
#include "nn/Registry.h"
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

using namespace mlir;
using namespace nncc;

namespace {

// Contents of the YAML files of a folder, in the order of their names.
std::vector<std::string> readFolder(const std::filesystem::path &folder) {
  std::set<std::filesystem::path> files;
  for (auto &entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") files.insert(entry.path());
  std::vector<std::string> texts;
  for (auto &file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    texts.push_back(text.str());
  }
  return texts;
}

unsigned fromEnvironment(const char *name, unsigned otherwise) {
  const char *text = std::getenv(name);
  return text ? std::strtoul(text, nullptr, 10) : otherwise;
}

FileLineColLoc placeOf(Location location) {
  if (auto named = dyn_cast<NameLoc>(location)) return placeOf(named.getChildLoc());
  return dyn_cast<FileLineColLoc>(location);
}

class FrontendFuzz : public testing::Test {
protected:
  FrontendFuzz()
      : path(std::filesystem::temp_directory_path() / ("nncc-fuzz-" + std::to_string(getpid()) + ".yaml")) {
    std::printf("cases are written to %s\n", path.c_str());
    std::fflush(stdout);
  }
  ~FrontendFuzz() override {
    if (!HasFailure()) std::filesystem::remove(path);
  }

  // Imports the text; true if it is a model.
  bool check(const std::string &text, MLIRContext &context) {
    std::ofstream(path, std::ios::binary) << text;
    unsigned lastLine = 1 + std::count(text.begin(), text.end(), '\n');
    unsigned errors = 0;
    auto handler = context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
      errors += diagnostic.getSeverity() == DiagnosticSeverity::Error;
      std::string message = diagnostic.str();
      EXPECT_FALSE(message.empty());
      EXPECT_TRUE(StringRef(message).find_if([](char c) { return static_cast<unsigned char>(c) < 0x20; }) ==
                  StringRef::npos)
          << "control characters in: " << message;
      EXPECT_FALSE(StringRef(message).contains("bug in nncc")) << message;
      FileLineColLoc place = placeOf(diagnostic.getLocation());
      EXPECT_TRUE(place) << message;
      if (place) {
        EXPECT_EQ(place.getFilename().str(), path.string());
        EXPECT_TRUE(place.getLine() >= 1 && place.getLine() <= lastLine && place.getColumn() >= 1)
            << place.getLine() << ":" << place.getColumn() << ": " << message;
      }
      return success();
    });
    auto module = frontend::importModel(path.string(), context, {});
    EXPECT_EQ(!module, errors > 0);
    EXPECT_LE(errors, 25u) << "too many errors for one reader";
    if (module) {
      EXPECT_TRUE(succeeded(verify(*module)));
      std::string printed;
      llvm::raw_string_ostream(printed) << *module;
      EXPECT_TRUE(parseSourceString<ModuleOp>(printed, &context)) << printed;
      auto json = frontend::toJson(path.string(), context, {});
      EXPECT_TRUE(json && nlohmann::json::accept(*json));
    }
    context.getDiagEngine().eraseHandler(handler);
    return static_cast<bool>(module);
  }

  const std::filesystem::path path;
};

TEST_F(FrontendFuzz, DamagedModelsGiveLocatedErrors) {
  constexpr unsigned casesPerContext = 500;
  const unsigned first = fromEnvironment("NNCC_FUZZ_FIRST", 0), cases = fromEnvironment("NNCC_FUZZ_CASES", 12000);
  auto corpus = readFolder(NNCC_REPOSITORY "/models");
  ASSERT_FALSE(corpus.empty());
  for (auto &text : readFolder(NNCC_REPOSITORY "/tests/lit/frontend")) corpus.push_back(text);

  unsigned models = 0;
  std::optional<MLIRContext> context;
  for (unsigned number = 0; number < cases && !HasFailure(); ++number) {
    if (number % casesPerContext == 0) context.emplace(MLIRContext::Threading::DISABLED);
    fuzz::Random random(first + number);
    // Half of the cases start from a model that is whole.
    const std::string &start = random.below(2) ? corpus[0] : random.pick(corpus);
    SCOPED_TRACE("NNCC_FUZZ_CASES=1 NNCC_FUZZ_FIRST=" + std::to_string(first + number));
    models += check(fuzz::mutate(start, corpus, random), *context);
  }
  // Cases that are all refused at the first step would test that step only.
  if (cases >= 1000) {
    EXPECT_GT(models, cases / 50);
    EXPECT_LT(models, cases / 2);
  }
  std::printf("%u of %u cases were still models\n", models, cases);
}

// What a cut-off download leaves: a model is refused or, behind its last needed line, whole.
TEST_F(FrontendFuzz, EveryBeginningOfAModel) {
  auto corpus = readFolder(NNCC_REPOSITORY "/models");
  ASSERT_FALSE(corpus.empty());
  MLIRContext context(MLIRContext::Threading::DISABLED);
  for (size_t length = 0; length < corpus[0].size() && !HasFailure(); ++length) {
    SCOPED_TRACE("the first " + std::to_string(length) + " bytes");
    check(corpus[0].substr(0, length), context);
  }
}

} // namespace
