// RUN: nncc-opt %s --kernel-fuse --kernel-stage | FileCheck %s

// What reads only parameters runs once; what reads samples is cut over them; the update comes
// last, cut over elements, after everybody who reads the parameter.
// CHECK-LABEL: func.func @train_step
// CHECK:         kernel.stage nothing tasks 1
// CHECK-NEXT:    [[T:%.+]] = kernel.fused "permute"
// CHECK:         kernel.stage samples tasks 2
// CHECK-NEXT:    [[SUMS:%.+]] = kernel.fused "dense_bwd_weights"
// CHECK-SAME:      sliced_inputs = array<i1: true, true>
// CHECK-SAME:      sliced_results = array<i1: false>
// CHECK:         kernel.fused "dense_bwd_data" (%arg1, [[T]])
// CHECK-SAME:      sliced_inputs = array<i1: true, false>
// CHECK-SAME:      sliced_results = array<i1: true>
// CHECK:         kernel.stage elements tasks 2
// CHECK-NEXT:    kernel.fused "adam_update"
// CHECK-SAME:      sliced_inputs = array<i1: true, true, true, true, false, false>
// CHECK-NOT:     kernel.fused
// CHECK:         nn.write
nn.program @p attributes {batch = 4 : i64, lanes = 2 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @d.kernel : tensor<3x5xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 5 : i64}
  nn.slot @m : tensor<3x5xf32>
  nn.slot @v : tensor<3x5xf32>
  func.func @train_step(%x: tensor<4x3xf32> {nn.role = "input", nn.name = "x"}, %d: tensor<4x5xf32> {nn.role = "target", nn.name = "d"}, %lr: tensor<f64> {nn.role = "learning_rate"}, %t: tensor<i64> {nn.role = "iteration"}) -> (tensor<4x3xf32> {nn.name = "dx"}) attributes {nn.entry = "train_step"} {
    %w = nn.read @d.kernel : tensor<3x5xf32>
    %dw, %db = nn.dense_bwd_weights %x, %d : tensor<4x3xf32>, tensor<4x5xf32> -> tensor<3x5xf32>, tensor<5xf32>
    %m = nn.read @m : tensor<3x5xf32>
    %v = nn.read @v : tensor<3x5xf32>
    %p1, %m1, %v1 = nn.adam_update %w, %dw, %m, %v, %lr, %t {beta_1 = 0.9 : f64, beta_2 = 0.99 : f64, epsilon = 1.0e-7 : f64} : tensor<3x5xf32>, tensor<f64>, tensor<i64>
    nn.write @d.kernel, %p1 : tensor<3x5xf32>
    nn.write @m, %m1 : tensor<3x5xf32>
    nn.write @v, %v1 : tensor<3x5xf32>
    %wt = nn.permute %w {perm = array<i64: 1, 0>} : tensor<3x5xf32> -> tensor<5x3xf32>
    %dx = nn.dense_bwd_data %d, %wt : tensor<4x5xf32>, tensor<5x3xf32> -> tensor<4x3xf32>
    return %dx : tensor<4x3xf32>
  }
}
