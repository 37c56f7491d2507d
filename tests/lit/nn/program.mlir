// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: nn.program @small attributes
// CHECK-SAME:  batch = 32 : i64
// CHECK-SAME:  data = {train = {kind = "image_folder", path = "a/b"}}
// CHECK-SAME:  lanes = 4 : i64
// CHECK-SAME:  layers = [{kind = "dense", name = "d"}]
// CHECK-SAME:  train = {epochs = 2 : i64}
nn.program @small attributes {
    batch = 32 : i64, lanes = 4 : i64, layers = [{name = "d", kind = "dense"}],
    train = {epochs = 2 : i64}, data = {train = {kind = "image_folder", path = "a/b"}}} {
  // CHECK-NEXT: nn.parameter @d.kernel : tensor<3x2xf32>
  nn.parameter @d.kernel : tensor<3x2xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 2 : i64}
  // CHECK-NEXT: func.func @predict(%arg0: tensor<32x3xf32> {nn.name = "x", nn.role = "input"}) -> tensor<32x2xf32>
  // CHECK-SAME: nn.entry = "predict"
  func.func @predict(%src: tensor<32x3xf32> {nn.role = "input", nn.name = "x"}) -> tensor<32x2xf32>
      attributes {nn.entry = "predict"} {
    %0 = nn.read @d.kernel : tensor<3x2xf32>
    %1 = nn.dense %src, %0 : tensor<32x3xf32>, tensor<3x2xf32> -> tensor<32x2xf32>
    return %1 : tensor<32x2xf32>
  }
}

// Eight lanes where nothing else is said.
// CHECK-LABEL: nn.program @empty
// CHECK-NOT:   lanes
// CHECK-SAME:  {{\{$}}
nn.program @empty attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
}
