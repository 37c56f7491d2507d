// Looking things up in an NnccProgram, and checking it before anything of it runs.
#ifndef NNCC_TRAIN_PROGRAM_H
#define NNCC_TRAIN_PROGRAM_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi.h"

namespace nncc::train {

// Throws UserError where program and runtime don't speak the same version of the ABI.
void requireKnownAbi(const NnccProgram &program);

// Throws UserError naming what this CPU lacks of what the kernels use. To be called before
// any entry function: a sentence instead of an illegal instruction.
void requireCpu(const NnccProgram &program);

// Null if the program has no such entry.
const NnccEntry *findEntry(const NnccProgram &program, NnccEntryKind kind);
// Throws UserError saying that this program can't do `purpose` ("train").
const NnccEntry &requireEntry(const NnccProgram &program, NnccEntryKind kind,
                              std::string_view purpose);

std::span<const NnccTensor> inputs(const NnccEntry &entry);
std::span<const NnccTensor> outputs(const NnccEntry &entry);
// The input that says which samples count in an output of an entry; -1: all do.
int32_t presentOf(const NnccEntry &entry, int32_t output);
// Does it say so of a sample? `column`: that input's numbers.
bool isPresent(const NnccTensor &tensor, const void *column, int64_t sample);
std::span<const NnccParameter> parameters(const NnccProgram &program);
std::span<const NnccSlot> slots(const NnccProgram &program);

// Null if the component has no such option.
const NnccOption *findOption(const NnccComponent &component, std::string_view key);
double numberOption(const NnccComponent &component, std::string_view key, double otherwise);

// Steps whose gradients make one update.
int64_t accumulationSteps(const NnccProgram &program);

// Same kind, same options in the same order.
bool sameComponent(const NnccComponent &a, const NnccComponent &b);

// The losses and the metrics that are means over samples, "loss" first, as the outputs of the
// training step stand.
std::vector<std::string> valueNames(const NnccProgram &program);
// The same and then the metrics over all samples that are one number: what an evaluation gives.
std::vector<std::string> evaluationNames(const NnccProgram &program);

std::span<const NnccJudged> judged(const NnccProgram &program);
// The first of an entry's inputs that is a target; their number where none is.
size_t firstTarget(const NnccProgram &program, const NnccEntry &entry);
std::span<const NnccOverallMetric> overallMetrics(const NnccProgram &program);

// Is the output an embedding, which is compared with others, by its loss?
bool givesEmbeddings(const NnccJudged &output);
// PREDICT's first output that is one, -1 where none is.
int64_t embeddingOutput(const NnccProgram &program);
// Is the model made to tell the training's classes apart? Embeddings are for any.
bool tellsClasses(const NnccProgram &program);

// The number of classes where targets are class numbers, from 0; 0 where none are, or any number will do. A label that
// an output has no place for would be an access outside of its buffers.
int64_t labelClasses(const NnccProgram &program, const NnccEntry &entry);

// How many rows of tables the elements of an input's sample number, 0 for any number; empty where
// none does.
std::span<const int64_t> limitsOf(const NnccProgram &program, const NnccTensor &input);

// Where outputs of this loss decide between two classes: 0 for scores, 0.5 for probabilities.
double thresholdOf(const NnccComponent &loss);

// Size of the model's last output, which is the number of classes where it has classes; 0
// if the program doesn't say.
int64_t outputSize(const NnccProgram &program);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_PROGRAM_H
