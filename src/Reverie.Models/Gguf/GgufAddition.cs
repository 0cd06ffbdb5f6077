using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The low-rank addition scale B A to one matrix of a model.</summary>
/// <param name="Weight">The matrix as Hugging Face names it, e.g. <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="Down">A: (r, inputs).</param>
/// <param name="Up">B: (outputs, r).</param>
/// <param name="Scale">Its strength.</param>
public sealed record GgufAddition(string Weight, Tensor Down, Tensor Up, float Scale);
