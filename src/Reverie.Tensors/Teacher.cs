namespace Reverie.Tensors;

/// <summary>
/// The distributions q that a model p is compared with in <see cref="Ops.TokenLoss"/>, as hidden states and head, so that its
/// logits too are made block by block.
/// </summary>
/// <param name="Hidden">(N, Dt): its hidden states for the same rows.</param>
/// <param name="Head">(V, Dt): its head, over the same vocabulary.</param>
/// <param name="Divergences">Receives each token's divergence in nats, from the loss's offset on; 0 where its weight is 0.</param>
/// <param name="Reverse">
/// False for KL(q || p), which covers all that the teacher would say; true for KL(p || q), which keeps to what the teacher
/// would say (arXiv 2306.08543).
/// </param>
public readonly record struct Teacher(Tensor Hidden, Tensor Head, float[] Divergences, bool Reverse = false);
