//! KMS keys and their rotation.

use aws_sdk_kms::{
    operation::get_key_rotation_status::GetKeyRotationStatusOutput,
    types::{
        ExpirationModelType, KeyManagerType, KeyMetadata, KeySpec, KeyState, KeyUsageType, MultiRegionConfiguration,
        MultiRegionKey, MultiRegionKeyType, OriginType, XksKeyConfigurationType,
    },
};

use super::{bodies, words};

bodies! {
    // `Enabled` is left out: the SDK says `false` where the answer said nothing, and `KeyState` says more.
    KeyMetadata {
        aws_account_id => "AWSAccountId",
        key_id => "KeyId",
        arn => "Arn",
        creation_date => "CreationDate",
        key_usage => "KeyUsage",
        key_state => "KeyState",
        key_manager => "KeyManager",
        key_spec => "KeySpec",
        origin => "Origin",
        deletion_date => "DeletionDate",
        pending_deletion_window_in_days => "PendingDeletionWindowInDays",
        valid_to => "ValidTo",
        expiration_model => "ExpirationModel",
        custom_key_store_id => "CustomKeyStoreId",
        cloud_hsm_cluster_id => "CloudHsmClusterId",
        xks_key_configuration => "XksKeyConfiguration",
        multi_region => "MultiRegion",
        multi_region_configuration => "MultiRegionConfiguration",
    }
    MultiRegionConfiguration {
        multi_region_key_type => "MultiRegionKeyType",
        primary_key => "PrimaryKey",
        replica_keys => "ReplicaKeys",
    }
    MultiRegionKey { arn => "Arn", region => "Region" }
    XksKeyConfigurationType { id => "Id" }
    GetKeyRotationStatusOutput {
        key_rotation_enabled => "KeyRotationEnabled",
        key_id => "KeyId",
        rotation_period_in_days => "RotationPeriodInDays",
        next_rotation_date => "NextRotationDate",
        on_demand_rotation_start_date => "OnDemandRotationStartDate",
    }
}

words! { ExpirationModelType, KeyManagerType, KeySpec, KeyState, KeyUsageType, MultiRegionKeyType, OriginType }
