//===- Dialect.h - the nn dialect: ops, interfaces, traits -----------------===//
#ifndef NNCC_NN_DIALECT_H
#define NNCC_NN_DIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nncc::nn {

// The place an op can take in a fused kernel.
enum class FusionRole {
  Anchor,      // decides the loop nest: convolutions, matrix products
  Pointwise,   // each result element needs the same element of each operand (or a scalar)
  Window,      // each result element needs a window of its operand: follows an anchor
  Scatter,     // the gradient of a window: precedes an anchor
  Row,         // needs the whole last dimension: softmax, cross-entropy
  View,        // no computation: the same memory under another shape
  Standalone,  // a kernel of its own
};

// Where gradient rules put the gradients of their operands. The differentiation pass
// implements it: it knows which gradients are asked for and sums what several users add.
class Gradients {
public:
  virtual ~Gradients() = default;
  virtual bool wants(mlir::Value value) const = 0;
  // `gradient` has the type of `value`.
  virtual void add(mlir::Value value, mlir::Value gradient) = 0;
  // Says of an operand of `op` that is wanted that it has no gradient: an error at the op.
  virtual void refuse(mlir::Operation *op, llvm::StringRef operand) = 0;
};

// What a training step knows beside its data: arguments that are made when first asked for.
class StepValues {
public:
  virtual ~StepValues() = default;
  virtual mlir::Value samples() = 0;    // tensor<i32>
  virtual mlir::Value seed() = 0;       // tensor<i64>
  virtual mlir::Value iteration() = 0;  // tensor<i64>
  virtual mlir::Value sampleIds() = 0;  // tensor<Nxi32>
  // Writes statistics that the step keeps, unless it is only asked for gradients.
  virtual void write(mlir::Location loc, llvm::StringRef symbol, mlir::Value value) = 0;
  virtual bool writes() const = 0;
};

template <typename ConcreteOp>
class NotDifferentiable : public mlir::OpTrait::TraitBase<ConcreteOp, NotDifferentiable> {};
template <typename ConcreteOp>
class ReducesSamples : public mlir::OpTrait::TraitBase<ConcreteOp, ReducesSamples> {};
template <typename ConcreteOp>
class ReducesElements : public mlir::OpTrait::TraitBase<ConcreteOp, ReducesElements> {};
template <typename ConcreteOp>
class ComputesRows : public mlir::OpTrait::TraitBase<ConcreteOp, ComputesRows> {};
template <typename ConcreteOp>
class ShowsWholeBatch : public mlir::OpTrait::TraitBase<ConcreteOp, ShowsWholeBatch> {};

// In a program's `train`: "exact" where Winograd's kernels are not wanted.
inline constexpr llvm::StringLiteral kNumericsAttr = "numerics";
// Attributes of entry functions (nn.entry) and of their arguments and results.
inline constexpr llvm::StringLiteral kEntryAttr = "nn.entry";
inline constexpr llvm::StringLiteral kRoleAttr = "nn.role";
inline constexpr llvm::StringLiteral kNameAttr = "nn.name";
// Of an input that numbers rows of tables: for each element of a sample how many rows there are, 0
// where it is any number.
inline constexpr llvm::StringLiteral kLimitsAttr = "nn.limits";

// How many steps of a sequence each sample has stands in another input, i32, named like the
// sequence's with this behind.
inline constexpr llvm::StringLiteral kLengthsSuffix = ".lengths";

// Which samples have a target stands in another one, named like it with this behind: 1, or 0 for a sample without.
inline constexpr llvm::StringLiteral kPresentSuffix = ".present";
// Of a result with one number a sample, or of scores: the name of the target that says which samples count in it.
inline constexpr llvm::StringLiteral kPresentAttr = "nn.present";

namespace role {
inline constexpr llvm::StringLiteral kInput = "input";
inline constexpr llvm::StringLiteral kTarget = "target";
inline constexpr llvm::StringLiteral kScores = "scores";  // of results: outputs for metrics over all samples
inline constexpr llvm::StringLiteral kSamples = "samples";              // tensor<i32>
inline constexpr llvm::StringLiteral kLearningRate = "learning_rate";  // tensor<f64>
inline constexpr llvm::StringLiteral kIteration = "iteration";         // tensor<i64>
inline constexpr llvm::StringLiteral kSeed = "seed";                    // tensor<i64>
inline constexpr llvm::StringLiteral kSampleIds = "sample_ids";         // tensor<Nxi32>
inline constexpr llvm::StringLiteral kUpdate = "update";               // tensor<i64>
} // namespace role

} // namespace nncc::nn

#include "nn/NNInterfaces.h.inc"

#include "nn/NNDialect.h.inc"

#define GET_OP_CLASSES
#include "nn/NNOps.h.inc"

#endif // NNCC_NN_DIALECT_H
