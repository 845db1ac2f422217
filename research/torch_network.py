"""A Keras network's layers as PyTorch modules, so that PyTorch can train it.

PyTorch with channels last gets through more images a second than Keras on TensorFlow does;
`research/benchmark_training.py` measures it.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import torch
from keras import layers
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional


class TorchNetwork(nn.Module):
    """A Keras classifier's layers as PyTorch modules, with its weights.

    It reads float32 (n, 1, height, width) and returns logits (n, 7).

    Raises:
        ValueError: the network is no classifier of images that ends in logits, or it has a layer,
            or a setting of one, that is not known here.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        found = _layers_of(model)
        _check_logits(found[-1])
        self.parts = nn.ModuleList([_as_module(layer) for layer in found])
        self.activations = nn.ModuleList([_as_activation(layer) for layer in found])
        self.wiring = _wire(model, found)
        self.copy_from(model)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Run each layer on the outputs of those before it."""
        values = {self.wiring[0][1]: images}
        steps = list(zip(self.parts, self.activations, self.wiring, strict=True))
        for part, activation, (read, made) in steps[1:]:
            values[made] = activation(part(*(values[name] for name in read)))
        return values[self.wiring[-1][1]]

    def copy_from(self, model: keras.Model) -> None:
        """Take over the weights of a Keras network of the same layers."""
        with torch.no_grad():
            for part, layer in zip(self.parts, _layers_of(model), strict=True):
                for tensor, array in zip(_weights(part), layer.get_weights(), strict=True):
                    tensor.copy_(torch.from_numpy(_to_torch_order(array, part)))

    def copy_to(self, model: keras.Model) -> None:
        """Give the weights to a Keras network of the same layers."""
        for part, layer in zip(self.parts, _layers_of(model), strict=True):
            layer.set_weights(
                [_to_keras_order(tensor.detach().numpy(), part) for tensor in _weights(part)]
            )


def to_tensor(images: NDArray[np.uint8]) -> torch.Tensor:
    """Return images (n, height, width) as networks read them: float32 (n, 1, height, width)."""
    return torch.from_numpy(images[:, np.newaxis].astype(np.float32) / 255)


def _layers_of(model: keras.Model) -> list[layers.Layer]:
    # A model that is no graph of layers, or not built yet, has neither.
    inputs, outputs = getattr(model, "inputs", []), getattr(model, "outputs", [])
    if [len(tensor.shape) for tensor in [*inputs, *outputs]] != [4, 2]:
        raise ValueError(
            f"The network '{model.name}' has no copy in PyTorch here: it must read images "
            "(n, height, width, channels) and return logits (n, classes)."
        )
    # The list of a Sequential network itself lacks the input.
    found: list[layers.Layer] = keras.Model(inputs, outputs).layers
    return found


def _check_logits(last: layers.Layer) -> None:
    is_linear = getattr(last, "activation", None) is keras.activations.linear
    if not (isinstance(last, layers.Dense) and is_linear):
        raise _unknown(
            last,
            "a network has to end in logits, those of a dense layer without softmax or another "
            "activation. `load_classifier` takes the softmax off a saved network",
        )


def _wire(model: keras.Model, found: list[layers.Layer]) -> list[tuple[list[str], str]]:
    """Return what each layer reads and makes, by name."""
    if isinstance(model, keras.Sequential):
        # Where layers were added one by one, the names of their tensors do not fit together.
        names = [layer.name for layer in found]
        return [([], names[0]), *(([read], made) for read, made in itertools.pairwise(names))]
    wiring: list[tuple[list[str], str]] = []
    for layer in found:
        read = _names(layer.input)
        if not set(read) <= {made for _, made in wiring}:
            raise _unknown(layer, "it reads what no layer makes, or a layer that is used twice")
        wiring.append((read, layer.output.name))
    if wiring[-1][1] != model.outputs[0].name:
        raise _unknown(found[-1], "it is used twice")
    return wiring


def _names(tensors: keras.KerasTensor | list[keras.KerasTensor]) -> list[str]:
    return [tensor.name for tensor in (tensors if isinstance(tensors, list) else [tensors])]


def _unknown(layer: layers.Layer, reason: str) -> ValueError:
    kind = type(layer).__name__
    return ValueError(f"The layer '{layer.name}' ({kind}) has no copy in PyTorch here: {reason}.")


def _require(layer: layers.Layer, **settings: Any) -> None:
    for name, known in settings.items():
        if getattr(layer, name) != known:
            raise _unknown(layer, f"{name} is {getattr(layer, name)!r}, and must be {known!r}")


def _weights(part: nn.Module) -> list[torch.Tensor]:
    if isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d):
        tensors = [part.weight, part.bias, part.running_mean, part.running_var]
    elif isinstance(part, nn.Conv2d | nn.Linear):
        tensors = [part.weight, part.bias]
    else:
        return []
    return [tensor for tensor in tensors if tensor is not None]


class _SameConv2d(nn.Conv2d):
    """A convolution that pads as TensorFlow's "same" does: one more on the right and below."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        before, after = [], []
        for size, kernel, stride in zip(images.shape[2:], self.kernel_size, self.stride):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        if before == after:
            return functional.conv2d(
                images, self.weight, self.bias, self.stride, before, groups=self.groups
            )
        padded = functional.pad(images, (before[1], after[1], before[0], after[0]))
        return functional.conv2d(padded, self.weight, self.bias, self.stride, groups=self.groups)


class _Add(nn.Module):
    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return first + second


class _Multiply(nn.Module):
    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return first * second


class _GlobalAverage(nn.Module):
    def __init__(self, keepdims: bool) -> None:
        super().__init__()
        self.keepdims = keepdims

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean((2, 3), keepdim=self.keepdims)


class _Standardise(nn.Module):
    """Brings each image to mean 0 and spread 1, as a layer normalisation without weights does."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(images, images.shape[1:], eps=self.epsilon)


class _Flatten(nn.Module):
    """Flattens with the channels last, as Keras does."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 2, 3, 1).flatten(1)


def _as_module(layer: layers.Layer) -> nn.Module:
    # Not isinstance: what is derived from a known kind may compute something else.
    convert = _CONVERTERS.get(type(layer))
    if convert is None:
        raise _unknown(layer, "layers of its kind are not known")
    return convert(layer)


def _as_activation(layer: layers.Layer) -> nn.Module:
    activation = getattr(layer, "activation", keras.activations.linear)
    if activation not in _ACTIVATIONS:
        name = getattr(activation, "__name__", activation)
        raise _unknown(layer, f"the activation {name} is not known")
    return _ACTIVATIONS[activation]()


def _as_convolution(layer: layers.Conv2D) -> nn.Module:
    _require(layer, dilation_rate=(1, 1), groups=1, data_format="channels_last")
    return _convolution(layer, layer.filters, groups=1)


def _as_depthwise(layer: layers.DepthwiseConv2D) -> nn.Module:
    _require(layer, dilation_rate=(1, 1), depth_multiplier=1, data_format="channels_last")
    inputs = layer.input.shape[-1]
    return _convolution(layer, inputs, groups=inputs)


def _convolution(layer: layers.Layer, outputs: int, groups: int) -> nn.Module:
    kind = _SameConv2d if layer.padding == "same" else nn.Conv2d
    inputs, size = layer.input.shape[-1], layer.kernel_size
    return kind(inputs, outputs, size, layer.strides, groups=groups, bias=layer.use_bias)


def _as_linear(layer: layers.Dense) -> nn.Module:
    if len(layer.input.shape) != 2:
        raise _unknown(layer, "it must read (n, features)")
    inputs, outputs = layer.kernel.shape
    return nn.Linear(inputs, outputs, bias=layer.use_bias)


def _as_batch_norm(layer: layers.BatchNormalization) -> nn.Module:
    _require(layer, center=True, scale=True, axis=-1)
    kind = nn.BatchNorm2d if len(layer.input.shape) == 4 else nn.BatchNorm1d
    return kind(layer.input.shape[-1], eps=layer.epsilon, momentum=1 - layer.momentum)


def _as_standardisation(layer: layers.LayerNormalization) -> nn.Module:
    if list(layer.axis) != [1, 2, 3] or layer.weights:
        raise _unknown(layer, "it must standardise whole images, without weights")
    return _Standardise(layer.epsilon)


def _as_dropout(layer: layers.Dropout) -> nn.Module:
    _require(layer, noise_shape=None)
    return nn.Dropout(layer.rate)


def _as_pooling(layer: layers.AveragePooling2D | layers.MaxPooling2D) -> nn.Module:
    _require(layer, strides=layer.pool_size, padding="valid", data_format="channels_last")
    kind = nn.MaxPool2d if isinstance(layer, layers.MaxPooling2D) else nn.AvgPool2d
    return kind(layer.pool_size)


def _as_global_average(layer: layers.GlobalAveragePooling2D) -> nn.Module:
    _require(layer, data_format="channels_last")
    return _GlobalAverage(layer.keepdims)


def _as_flatten(layer: layers.Flatten) -> nn.Module:
    _require(layer, data_format="channels_last")
    if len(layer.input.shape) != 4:
        raise _unknown(layer, "it must read maps")
    return _Flatten()


def _as_merging(layer: layers.Add | layers.Multiply) -> nn.Module:
    ranks = [len(tensor.shape) for tensor in layer.input]
    if ranks not in ([2, 2], [4, 4]):
        raise _unknown(layer, "it must read two tensors with as many axes")
    return _Add() if isinstance(layer, layers.Add) else _Multiply()


def _as_identity(layer: layers.Layer) -> nn.Module:
    return nn.Identity()


_CONVERTERS: dict[type, Callable[[Any], nn.Module]] = {
    layers.InputLayer: _as_identity,
    layers.Activation: _as_identity,  # a layer's activation is a module apart
    layers.Conv2D: _as_convolution,
    layers.DepthwiseConv2D: _as_depthwise,
    layers.Dense: _as_linear,
    layers.BatchNormalization: _as_batch_norm,
    layers.LayerNormalization: _as_standardisation,
    layers.Dropout: _as_dropout,
    layers.AveragePooling2D: _as_pooling,
    layers.MaxPooling2D: _as_pooling,
    layers.GlobalAveragePooling2D: _as_global_average,
    layers.Flatten: _as_flatten,
    layers.Add: _as_merging,
    layers.Multiply: _as_merging,
}
_ACTIVATIONS: dict[Callable[..., Any], type[nn.Module]] = {
    keras.activations.linear: nn.Identity,
    keras.activations.relu: nn.ReLU,
    keras.activations.sigmoid: nn.Sigmoid,
}


# Keras: rows, columns, inputs, outputs. PyTorch: outputs, inputs, rows, columns. A depthwise kernel
# has its one output for each input last in Keras, and inputs for outputs in PyTorch.
def _to_torch_order(array: NDArray[np.float32], part: nn.Module) -> NDArray[np.float32]:
    orders = {4: (2, 3, 0, 1) if _is_depthwise(part) else (3, 2, 0, 1), 2: (1, 0), 1: (0,)}
    return np.ascontiguousarray(array.transpose(orders[array.ndim]))


def _to_keras_order(array: NDArray[np.float32], part: nn.Module) -> NDArray[np.float32]:
    orders = {4: (2, 3, 0, 1) if _is_depthwise(part) else (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
    return np.ascontiguousarray(array.transpose(orders[array.ndim]))


def _is_depthwise(part: nn.Module) -> bool:
    return isinstance(part, nn.Conv2d) and part.groups > 1
