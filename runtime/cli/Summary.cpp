#include <string>

#include "cli/Commands.h"
#include "report/Table.h"
#include "report/Text.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::cli {

namespace {

// "(None, 30, 30, 32)": None is the number of samples, as in Keras.
std::string outputShape(const NnccLayer &layer) {
  std::string text = "(None";
  for (int i = 0; i < layer.rank; ++i) text += ", " + std::to_string(layer.shape[i]);
  return text + ")";
}

std::string shapeText(const NnccTensor &tensor) {
  std::string text = "(None";
  for (int i = 0; i < tensor.rank; ++i) text += ", " + std::to_string(tensor.shape[i]);
  return text + ")";
}

// A line for each input of a model that has several, or one of sequences with lengths.
std::string inputLines(const NnccProgram &program) {
  const NnccEntry *entry = train::findEntry(program, NNCC_PREDICT);
  if (!entry || entry->num_inputs < 2) return "";
  std::string text;
  for (int i = 0; i < entry->num_inputs; ++i) {
    const NnccTensor &input = entry->inputs[i];
    text += "Input '" + std::string(input.name) + "': " + shapeText(input);
    if (i + 1 < entry->num_inputs && std::string(input.name) + ".lengths" == entry->inputs[i + 1].name) {
      text += ", samples of 1 to " + std::to_string(input.shape[0]) + " steps";
      ++i;
    }
    text += "\n";
  }
  return text;
}

// A chain needs no column that says what is connected to what.
bool isChain(const NnccProgram &program) {
  for (int i = 1; i < program.num_layers; ++i) {
    const char *inputs = program.layers[i].inputs;
    if (inputs && std::string(inputs) != program.layers[i - 1].name) return false;
  }
  return true;
}

}  // namespace

std::string summary(const NnccProgram &program) {
  using Align = report::Table::Align;
  bool chain = isChain(program);
  std::vector<report::Table::Column> columns{
      {"Layer (type)"}, {"Output Shape"}, {"Param #", Align::Right}};
  if (!chain) columns.push_back({"Connected to"});
  report::Table table(columns);
  for (int i = 0; i < program.num_layers; ++i) {
    const NnccLayer &layer = program.layers[i];
    std::vector<std::string> cells{std::string(layer.name) + " (" + layer.kind + ")",
                                   outputShape(layer), std::to_string(layer.parameters)};
    if (!chain) cells.push_back(layer.inputs ? layer.inputs : "");
    table.row(cells);
  }

  int64_t total = 0, trainable = 0, bytes = 0;
  for (const NnccParameter &parameter : train::parameters(program)) {
    int64_t count = train::elements(parameter.tensor);
    total += count;
    bytes += train::bytes(parameter.tensor);
    if (parameter.trainable) trainable += count;
  }
  return "Model: \"" + std::string(program.name) + "\"\n" + inputLines(program) + table.text() +
         "\nTotal params: " + report::count(total) + " (" +
         report::byteSize(bytes) + ")\nTrainable params: " +
         report::count(trainable) + "\nNon-trainable params: " +
         report::count(total - trainable) + "\n";
}

}  // namespace nncc::cli
