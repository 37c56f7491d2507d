// Imported modules as a whole: where ops say they come from, element types, reading them back.
#include "frontend/Frontend.h"
#include "mlir/Parser/Parser.h"
#include "nlohmann/json.hpp"
#include "nn/Registry.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace nncc;

namespace {

const std::string cifar10 = NNCC_MODELS "/cifar10.yaml";

TEST(Import, EveryOpNamesItsLayerAndLine) {
  MLIRContext context;
  auto module = frontend::importModel(cifar10, context, {});
  ASSERT_TRUE(module);
  std::map<std::string, std::set<unsigned>> lines; // of each name
  (*module)->walk([&](Operation *op) {
    if (isa<ModuleOp>(op)) return;
    auto named = dyn_cast<NameLoc>(op->getLoc());
    ASSERT_TRUE(named) << op->getName().getStringRef().str();
    auto place = dyn_cast<FileLineColLoc>(named.getChildLoc());
    ASSERT_TRUE(place);
    EXPECT_EQ(place.getFilename().str(), cifar10);
    lines[named.getName().str()].insert(place.getLine());
  });
  const std::pair<const char *, unsigned> expected[] = {{"cifar10", 3}, {"input", 4}, {"conv2d", 6}, {"conv2d_1", 7},
                                                        {"max_pool2d", 8}, {"dense_1", 16}, {"loss", 18}, {"accuracy", 22}};
  for (auto [name, line] : expected) EXPECT_EQ(lines[name], std::set<unsigned>{line}) << name;
}

TEST(Import, GradientChecksComputeInDouble) {
  MLIRContext context;
  auto module = frontend::importModel(cifar10, context, {.f64 = true});
  ASSERT_TRUE(module);
  int floats = 0;
  (*module)->walk([&](Operation *op) {
    for (Type type : op->getResultTypes()) {
      Type element = cast<RankedTensorType>(type).getElementType();
      EXPECT_FALSE(element.isF32());
      floats += element.isF64();
    }
    if (auto parameter = dyn_cast<nn::ParameterOp>(op)) {
      EXPECT_TRUE(cast<RankedTensorType>(parameter.getType()).getElementType().isF64());
    }
    if (auto function = dyn_cast<func::FuncOp>(op)) {
      EXPECT_TRUE(cast<RankedTensorType>(function.getArgumentTypes()[0]).getElementType().isUnsignedInteger(8));
    }
  });
  EXPECT_GT(floats, 20);
}

TEST(Import, PrintedModulesAreLegalInput) {
  MLIRContext context;
  auto module = frontend::importModel(cifar10, context, {});
  ASSERT_TRUE(module);
  std::string printed, again;
  llvm::raw_string_ostream(printed) << *module;
  auto read = parseSourceString<ModuleOp>(printed, &context);
  ASSERT_TRUE(read);
  llvm::raw_string_ostream(again) << *read;
  EXPECT_EQ(printed, again);
}

TEST(Import, SharesAContextWithOtherModules) {
  MLIRContext context;
  auto first = frontend::importModel(cifar10, context, {});
  auto second = frontend::importModel(cifar10, context, {});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->getOperation(), second->getOperation());
}

TEST(Json, AddsUpToTheModelsWeights) {
  MLIRContext context;
  auto text = frontend::toJson(cifar10, context, {});
  ASSERT_TRUE(text);
  auto json = nlohmann::json::parse(*text);
  int64_t weights = 0;
  for (auto &layer : json["layers"])
    for (auto &parameter : layer["parameters"]) {
      int64_t size = 1;
      for (int64_t dimension : parameter["shape"]) size *= dimension;
      weights += size;
    }
  EXPECT_EQ(weights, 79626);
  EXPECT_EQ(json["train"]["epochs"], 20);
}

} // namespace
