//===- Frontend.cpp - file -> tree -> model -> nn --------------------------===//
#include "frontend/Frontend.h"
#include "frontend/Importer.h"
#include "frontend/Json.h"
#include "frontend/ModelReader.h"
#include "frontend/Readers.h"
#include "frontend/SourceFile.h"

using namespace mlir;

namespace nncc::frontend {

static OwningOpRef<ModuleOp> import(StringRef path, MLIRContext &context, const Options &options, Model &model) {
  context.loadDialect<nn::NNDialect, func::FuncDialect>();
  Diagnostics diagnostics(context, path);
  std::vector<Problem> problems;
  std::optional<std::string> text = readSource(path, problems);
  std::optional<Node> root = text ? parseYaml(*text, problems) : std::nullopt;
  for (const Problem &problem : problems) diagnostics.report(problem);
  if (!root) return {};
  model = readModel(*root, diagnostics);
  return buildModule(model, context, options, diagnostics);
}

OwningOpRef<ModuleOp> importModel(StringRef path, MLIRContext &context, const Options &options) {
  Model model;
  return import(path, context, options, model);
}

std::optional<std::string> toJson(StringRef path, MLIRContext &context, const Options &options) {
  Model model;
  OwningOpRef<ModuleOp> module = import(path, context, options, model);
  if (!module) return std::nullopt;
  return writeJson(model, *module);
}

} // namespace nncc::frontend
