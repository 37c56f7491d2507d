// RUN: nncc-opt %s --split-input-file --kernel-fuse --kernel-stage --kernel-plan | FileCheck %s

// Lanes of sums would be 8 x 64 x 32 numbers, the batch's rows are 16 x (64 + 32): the weights' gradient is
// summed over the whole batch, in rows, by the tasks that update the weights with it. It stays in a worker's
// memory; the bias's is still summed by lane.
// CHECK-LABEL: nn.program @whole
// CHECK:         [[X:%.+]] = nn.whole_batch %arg0
// CHECK:         kernel.stage samples tasks 8
// CHECK:         [[BIAS:%.+]] = kernel.fused "dense_bwd_weights"
// CHECK-SAME:      accumulates = array<i1: true>
// CHECK:         kernel.stage elements tasks 8
// CHECK:         [[ROWS:%.+]] = kernel.fused "dense_bwd_weights_whole" ([[X]], {{%.+}}, %arg2)
// CHECK-SAME:      buffers = [#kernel.buffer<worker, 0, 8192>]
// CHECK-SAME:      sliced_inputs = array<i1: true, false, false>
// CHECK-SAME:      sliced_results = array<i1: true>
// CHECK:         kernel.fused "sgd_update" ({{.*}}[[ROWS]]
nn.program @whole attributes {batch = 16 : i64, lanes = 8 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @d.kernel : tensor<64x32xf32> {initializer = {name = "zeros"}, fan_in = 64 : i64, fan_out = 32 : i64}
  nn.parameter @d.bias : tensor<32xf32> {initializer = {name = "zeros"}, fan_in = 64 : i64, fan_out = 32 : i64}
  func.func @train(%x: tensor<16x64xf32> {nn.role = "input", nn.name = "x"}, %d: tensor<16x32xf32> {nn.role = "target", nn.name = "d"}, %n: tensor<i32> {nn.role = "samples"}, %rate: tensor<f64> {nn.role = "learning_rate"}) attributes {nn.entry = "train_step"} {
    %w = nn.read @d.kernel : tensor<64x32xf32>
    %b = nn.read @d.bias : tensor<32xf32>
    %dw, %db = nn.dense_bwd_weights %x, %d : tensor<16x64xf32>, tensor<16x32xf32> -> tensor<64x32xf32>, tensor<32xf32>
    %w1 = nn.sgd_update %w, %dw, %rate {momentum = 0.0 : f64, nesterov = false} : (tensor<64x32xf32>, tensor<64x32xf32>, tensor<f64>) -> tensor<64x32xf32>
    %b1 = nn.sgd_update %b, %db, %rate {momentum = 0.0 : f64, nesterov = false} : (tensor<32xf32>, tensor<32xf32>, tensor<f64>) -> tensor<32xf32>
    nn.write @d.kernel, %w1 : tensor<64x32xf32>
    nn.write @d.bias, %b1 : tensor<32xf32>
    return
  }
}
