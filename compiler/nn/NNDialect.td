//===- NNDialect.td - the nn dialect ----------------------------*- tablegen -*-===//
#ifndef NNCC_NN_DIALECT_TD
#define NNCC_NN_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nn/NNInterfaces.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::nncc::nn";
  let summary = "Neural networks: layers, losses, their gradients and optimizer updates";
  let description = [{
    One op a layer, on static tensors whose dimension 0 is the sample (NHWC for images,
    HWIO for convolution weights). Parameters and optimizer slots are symbols that are
    read and written; everything between is SSA. A `nn.program` holds the parameters and
    one function per entry of the compiled program.

    Names are oneDNN's: src, weights, bias, dst; diff_src, diff_weights, diff_dst;
    `workspace` is what a forward op saves for its gradient.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

class NN_Op<string mnemonic, list<Trait> traits = []> : Op<NN_Dialect, mnemonic, traits>;

// A pure op that can be part of a fused kernel in the given role (enum FusionRole).
class NN_ComputeOp<string mnemonic, string role, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([Pure, NN_FusibleOpInterface], traits)> {
  code roleDeclaration = [{
    ::nncc::nn::FusionRole getFusionRole() { return ::nncc::nn::FusionRole::}] # role # [{; }
  }];
  let extraClassDeclaration = roleDeclaration;
}

// The shape rule: result types from operands and attributes.
defvar NN_Infers = InferTypeOpAdaptor;
def NN_Differentiable : DeclareOpInterfaceMethods<NN_DifferentiableOpInterface>;

def NN_Modal : DeclareOpInterfaceMethods<NN_ModalOpInterface>;

// f32, or f64 in programs that check gradients.
def NN_Float : AnyTypeOf<[F32, F64]>;
def NN_FloatTensor : StaticShapeTensorOf<[NN_Float]>;
def NN_Pixels : StaticShapeTensorOf<[UI8, NN_Float]>;
def NN_Workspace : StaticShapeTensorOf<[UI8]>;
def NN_Labels : StaticShapeTensorOf<[I32]>;
def NN_AnyTensor : StaticShapeTensorOf<[UI8, I32, I64, NN_Float]>;

#endif // NNCC_NN_DIALECT_TD
