// RUN: nncc-opt %s --kernel-fuse --kernel-stage --split-input-file | FileCheck %s

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

// -----

// Clipping by the norm of all gradients: the tasks' sums of squares in a stage of their own, then
// one factor, once, then the updates.
// CHECK-LABEL: nn.program @clip
// CHECK-LABEL: func.func @train_step
// CHECK:         kernel.stage samples tasks 2
// CHECK:         [[SUMS:%.+]]:2 = kernel.fused "dense_bwd_weights"
// CHECK:         kernel.stage elements tasks 2
// CHECK-NEXT:    [[A:%.+]] = kernel.fused "sum_of_squares" ([[SUMS]]#0)
// CHECK-SAME:      accumulates = array<i1: true>
// CHECK-SAME:      sliced_inputs = array<i1: true>, sliced_results = array<i1: false>
// CHECK-SAME:      -> tensor<2xf64>
// CHECK:         [[B:%.+]] = kernel.fused "sum_of_squares" ([[SUMS]]#1)
// CHECK:         kernel.stage nothing tasks 1
// CHECK-NEXT:    [[SCALE:%.+]] = kernel.fused "clip_scale" ([[A]], [[B]])
// CHECK-SAME:      -> tensor<f64>
// CHECK:           nn.sum_lanes
// CHECK:           nn.clip_scale
// CHECK:         kernel.stage elements tasks 2
// CHECK-NEXT:    kernel.fused "scale_by+sgd_update" ([[SUMS]]#0, [[SCALE]],
// CHECK:         kernel.fused "scale_by+sgd_update" ([[SUMS]]#1, [[SCALE]],
// CHECK-NOT:     kernel.stage
nn.program @clip attributes {batch = 4 : i64, lanes = 2 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @d.kernel : tensor<3x5xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 5 : i64}
  nn.parameter @d.bias : tensor<5xf32> {initializer = {name = "zeros"}, fan_in = 5 : i64, fan_out = 5 : i64}
  func.func @train_step(%x: tensor<4x3xf32> {nn.role = "input", nn.name = "x"}, %d: tensor<4x5xf32> {nn.role = "target", nn.name = "d"}, %lr: tensor<f64> {nn.role = "learning_rate"}) attributes {nn.entry = "train_step"} {
    %w = nn.read @d.kernel : tensor<3x5xf32>
    %b = nn.read @d.bias : tensor<5xf32>
    %dw, %db = nn.dense_bwd_weights %x, %d : tensor<4x3xf32>, tensor<4x5xf32> -> tensor<3x5xf32>, tensor<5xf32>
    %0 = nn.sum_of_squares %dw : tensor<3x5xf32> -> tensor<f64>
    %1 = nn.sum_of_squares %db : tensor<5xf32> -> tensor<f64>
    %scale = nn.clip_scale %0, %1 {limit = 1.0 : f64} : tensor<f64>, tensor<f64> -> tensor<f64>
    %cw = nn.scale_by %dw, %scale : tensor<3x5xf32>, tensor<f64>
    %cb = nn.scale_by %db, %scale : tensor<5xf32>, tensor<f64>
    %nw = nn.sgd_update %w, %cw, %lr {momentum = 0.0 : f64, nesterov = false} : (tensor<3x5xf32>, tensor<3x5xf32>, tensor<f64>) -> tensor<3x5xf32>
    %nb = nn.sgd_update %b, %cb, %lr {momentum = 0.0 : f64, nesterov = false} : (tensor<5xf32>, tensor<5xf32>, tensor<f64>) -> tensor<5xf32>
    nn.write @d.kernel, %nw : tensor<3x5xf32>
    nn.write @d.bias, %nb : tensor<5xf32>
    return
  }
}

// -----

// Steps that are folded into the samples are cut with them, whatever the number of rows that a kernel
// sees of each; sums over samples sum over all steps.
// CHECK-LABEL: nn.program @folded
// CHECK:         [[ROWS:%.+]] = nn.reshape %arg0 : tensor<4x6x3xf32> -> tensor<24x3xf32>
// CHECK:         kernel.stage samples tasks 2
// CHECK-NEXT:    kernel.fused "dense" ([[ROWS]], {{%[0-9]+}})
// CHECK-SAME:      sliced_inputs = array<i1: true, false>
// CHECK-SAME:      sliced_results = array<i1: true>
// CHECK:         nn.reshape {{.+}} : tensor<24x5xf32> -> tensor<4x30xf32>
// CHECK:         kernel.fused "relu"
// CHECK-SAME:      (tensor<4x30xf32>) -> tensor<4x30xf32>
// CHECK:         kernel.fused "dense_bwd_weights"
// CHECK-SAME:      accumulates = array<i1: true>
// CHECK-SAME:      sliced_inputs = array<i1: true, true>, sliced_results = array<i1: false>
// CHECK-NOT:     kernel.stage samples
nn.program @folded attributes {batch = 4 : i64, lanes = 2 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @d.kernel : tensor<3x5xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 5 : i64}
  func.func @gradients(%x: tensor<4x6x3xf32> {nn.role = "input", nn.name = "x"}, %d: tensor<4x6x5xf32> {nn.role = "target", nn.name = "d"}) -> (tensor<4x30xf32> {nn.name = "y"}, tensor<3x5xf32> {nn.name = "dw"}) attributes {nn.entry = "gradients"} {
    %w = nn.read @d.kernel : tensor<3x5xf32>
    %rows = nn.reshape %x : tensor<4x6x3xf32> -> tensor<24x3xf32>
    %0 = nn.dense %rows, %w : tensor<24x3xf32>, tensor<3x5xf32> -> tensor<24x5xf32>
    %1 = nn.reshape %0 : tensor<24x5xf32> -> tensor<4x30xf32>
    %2 = nn.relu %1 : tensor<4x30xf32>
    %diff = nn.reshape %d : tensor<4x6x5xf32> -> tensor<24x5xf32>
    %dw, %db = nn.dense_bwd_weights %rows, %diff : tensor<24x3xf32>, tensor<24x5xf32> -> tensor<3x5xf32>, tensor<5xf32>
    return %2, %dw : tensor<4x30xf32>, tensor<3x5xf32>
  }
}
